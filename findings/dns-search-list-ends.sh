#!/usr/bin/env bash
# One search list, seven resolvers: what each does with the rest of it once the first domain has answered otherwise than NXDOMAIN.
#
# Expected: all walk the list until the name has an address, as they do after NXDOMAIN; only musl was known to stop at NODATA.
# Seen with glibc 2.36, musl 1.2.3, Go's own resolver (CGO_ENABLED=0, Go 1.26), bind's dig, host and nslookup 9.18.49 and dnspython 2.9.2.
# The name `web` exists in the second domain alone. The output has the names asked for in turn (1 and 2: in the first and second domain, 0:
# `web.` as it stands) and whether the address was found:
#   - after NODATA (first.test has the name, but no A record) dig, host, nslookup and dnspython end like musl; glibc and Go go on;
#   - after SERVFAIL glibc and Go alone go on;
#   - after REFUSED glibc leaves the list as well: it skips second.test, asks for `web.` and says that there is no such name. Go alone
#     still finds it.
# Where it matters: a pod's search list has the domain of its namespace first and the domains of its node last. A zone among them that
# answers with NODATA (a wildcard, a name that is IPv6 only) or REFUSED (a forwarder that is not for it) breaks short names in one image and
# not in the next, and what a probe's dig or nslookup says of a short name is nothing about the application beside it, either way.
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
  libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 libnghttp2-14=1.52.0-1+deb12u3 \
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

# server.cjs FIRST: a name server whose first.test answers FIRST to everything, whose second.test has web, and that knows nothing else.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const socket = require('dgram').createSocket('udp4')
const rcode = { NODATA: 0, NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 }
const zone = { name: 'test', mname: 'ns.test', rname: 'hostmaster.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 }
socket.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const name = questions[0].name
  const first = name.endsWith('first.test')
  const there = name === 'web.second.test'
  console.log(first ? 1 : there ? 2 : 0)
  const answers = there ? [{ type: 'A', name, ttl: 1, data: '127.0.0.1' }] : []
  const status = first ? rcode[process.argv[2]] : there ? 0 : 3
  const authorities = !there && (status === 0 || status === 3) ? [{ type: 'SOA', name: 'test', ttl: 1, data: zone }] : []
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | status
  socket.send(dns.encode({ type: 'response', id, flags, questions, answers, authorities }), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
ip link set lo up
printf 'search first.test second.test\nnameserver 127.0.0.1\noptions ndots:5\n' >resolv.conf
printf 'hosts: files dns\n' >nsswitch.conf
mount --bind resolv.conf /etc/resolv.conf
mount --bind nsswitch.conf /etc/nsswitch.conf
libraries=root/usr/lib/x86_64-linux-gnu
lookup() {
  case $1 in
  glibc) root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path root/lib/x86_64-linux-gnu ./address-glibc web ;;
  musl | go) "./address-$1" web ;;
  dig) LD_LIBRARY_PATH=$libraries root/usr/bin/dig +search +short web A ;;
  host) LD_LIBRARY_PATH=$libraries root/usr/bin/host -t A web ;;
  nslookup) LD_LIBRARY_PATH=$libraries root/usr/bin/nslookup -type=A web | sed '1,/^$/d' ;;
  dnspython) PYTHONPATH=python python3 address.py web ;;
  esac
}
for first in NXDOMAIN NODATA SERVFAIL REFUSED; do
  : >asked
  node server.cjs $first >>asked & server=$!
  until grep -q up asked; do sleep 0.05; done
  for program in glibc musl go dig host nslookup dnspython; do
    : >asked
    result=not-found
    lookup $program 2>&1 | grep -q -E '^found|127\.0\.0\.1$' && result=found
    echo "$first $program asked $(uniq asked | tr -d '\n') $result"
  done
  kill $server
done
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='NXDOMAIN glibc asked 12 found
NXDOMAIN musl asked 12 found
NXDOMAIN go asked 12 found
NXDOMAIN dig asked 12 found
NXDOMAIN host asked 12 found
NXDOMAIN nslookup asked 12 found
NXDOMAIN dnspython asked 12 found
NODATA glibc asked 12 found
NODATA musl asked 1 not-found
NODATA go asked 12 found
NODATA dig asked 1 not-found
NODATA host asked 1 not-found
NODATA nslookup asked 1 not-found
NODATA dnspython asked 1 not-found
SERVFAIL glibc asked 12 found
SERVFAIL musl asked 1 not-found
SERVFAIL go asked 12 found
SERVFAIL dig asked 1 not-found
SERVFAIL host asked 1 not-found
SERVFAIL nslookup asked 1 not-found
SERVFAIL dnspython asked 1 not-found
REFUSED glibc asked 10 not-found
REFUSED musl asked 1 not-found
REFUSED go asked 12 found
REFUSED dig asked 1 not-found
REFUSED host asked 1 not-found
REFUSED nslookup asked 1 not-found
REFUSED dnspython asked 1 not-found'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
