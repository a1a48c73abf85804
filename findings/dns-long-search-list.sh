#!/usr/bin/env bash
# A long search list in resolv.conf: dig, host and nslookup read its first eight domains, and musl drops the whole list once it has 248 characters.
#
# Expected: all walk the list to its end. Kubernetes admits 32 domains with 2048 characters (dnsConfig.searches, stable since 1.28), and musl,
# whose buffer was known to be small, uses the domains that fit in it.
# Seen with glibc 2.36, musl 1.2.3, Go's own resolver (CGO_ENABLED=0, Go 1.26), bind's dig, host and nslookup 9.18.49, busybox 1.35.0 and
# dnspython 2.9.2. The name `web` exists in the last domain alone. The output has how many names each program asked for:
#   - 9 domains: dig, host and nslookup ask in eight of them, then for `web.` as it stands, and say NXDOMAIN; nothing hints at the ninth;
#   - 3 domains with 248 characters: musl asks for `web.` only, not even in the first domain; with 247 it finds the name;
#   - the others find it each time.
# Where it matters: a pod's list is the three domains of the cluster and those of its node, so one more domain on the nodes takes short Service
# names from every Alpine image at once. And a probe's dig or nslookup that says NXDOMAIN for a short name says nothing about the application.
# Needs root (own network and mount namespaces, port 53 of their loopback), gcc, go, node, npm and pip.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-host=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 \
  libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 \
  libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 libnghttp2-14=1.52.0-1+deb12u3 busybox=1:1.35.0-4+deb12u1+b1 \
  libc6=2.36-9+deb12u14 musl=1.2.3-1 musl-dev=1.2.3-1 musl-tools=1.2.3-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null
pip install --quiet --root-user-action ignore --target python dnspython==2.9.2

cat >address.c <<'C'
#include <netdb.h>
#include <stdio.h>
int main(int count, char **argument) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(argument[1], 0, &hints, &found);
  puts(error ? gai_strerror(error) : "found");
}
C
library=$folder/root/usr/lib/x86_64-linux-musl
sed "s#/usr/lib/x86_64-linux-musl#$library#g; s#/usr/include/x86_64-linux-musl#$folder/root/usr/include/x86_64-linux-musl#g" \
  "$library/musl-gcc.specs" >musl.specs
gcc -static -specs musl.specs -o address-musl address.c
gcc -o address-glibc address.c
cat >address.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"os"
)

func main() {
	if _, err := net.DefaultResolver.LookupIP(context.Background(), "ip4", os.Args[1]); err != nil {
		fmt.Println(err)
	} else {
		fmt.Println("found")
	}
}
GO
CGO_ENABLED=0 go build -o address-go address.go
cat >address.py <<'PYTHON'
import sys, dns.resolver
try: dns.resolver.resolve(sys.argv[1], "A", search=True); print("found")
except Exception as error: print(type(error).__name__)
PYTHON

# server.cjs NAME: a name server that has an address for NAME alone, and prints the names it is asked for.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const socket = require('dgram').createSocket('udp4')
socket.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const { name } = questions[0]
  console.log(name)
  const there = name === process.argv[2]
  const answers = there ? [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] : []
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | (there ? 0 : 3)
  socket.send(dns.encode({ type: 'response', id, flags, questions, answers }), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
ip link set lo up
: >resolv.conf
printf 'hosts: files dns\n' >nsswitch.conf
mount --bind resolv.conf /etc/resolv.conf
mount --bind nsswitch.conf /etc/nsswitch.conf
debian() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/"$@"; }
lookup() {
  case $1 in
  glibc) root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path root/lib/x86_64-linux-gnu ./address-glibc web ;;
  musl | go) "./address-$1" web ;;
  dig) debian dig +search web A ;;
  host) debian host -t A web ;;
  nslookup) debian nslookup -type=A web ;;
  busybox) root/bin/busybox nslookup -type=a web ;;
  dnspython) PYTHONPATH=python python3 address.py web ;;
  esac
}
# row LABEL DOMAIN…
row() {
  local label=$1 seen= asked
  shift
  printf 'search %s\nnameserver 127.0.0.1\noptions ndots:5\n' "$*" >resolv.conf
  : >asked
  node server.cjs "web.${!#}" >>asked & server=$!
  until grep -q up asked; do sleep 0.05; done
  for program in glibc musl go dig host nslookup busybox dnspython; do
    : >asked
    lookup $program 2>&1 | grep -q -E '^found|192\.0\.2\.1' && found= || found=' not found'
    seen="$seen, $program $(sort -u asked | wc -l)$found"
  done
  kill $server
  echo "$label, $(printf %s "$*" | wc -c) characters: ${seen#, }"
}
long() { printf "$1-%0$(($2 - 8))d.test" 0 | sed 's/\(0\{40\}\)\(0*\)\./\1.\2./'; }
row '8 domains' d1.test d2.test d3.test d4.test d5.test d6.test d7.test d8.test
row '9 domains' d1.test d2.test d3.test d4.test d5.test d6.test d7.test d8.test d9.test
row '3 domains' $(long a 81) $(long b 82) $(long c 82)
row '3 domains' $(long a 82) $(long b 82) $(long c 82)
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='8 domains, 63 characters: glibc 8, musl 8, go 8, dig 8, host 8, nslookup 8, busybox 8, dnspython 8
9 domains, 71 characters: glibc 9, musl 9, go 9, dig 9 not found, host 9 not found, nslookup 9 not found, busybox 9, dnspython 9
3 domains, 247 characters: glibc 3, musl 3, go 3, dig 3, host 3, nslookup 3, busybox 3, dnspython 3
3 domains, 248 characters: glibc 3, musl 1 not found, go 3, dig 3, host 3, nslookup 3, busybox 3, dnspython 3'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
