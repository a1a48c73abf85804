#!/usr/bin/env bash
# ping and an IPv4-mapped address (::ffff:127.0.0.1): 100 % loss of packets that were never sent, where curl and nc connect to the same address.
#
# Expected: ping goes over IPv4 as TCP does, or says with exit status 2 that it cannot send to such an address, as it does without a route.
# Seen with iputils ping 20221126, busybox 1.35.0, fping 5.1, nc.openbsd 1.219, curl 7.88.1 and dig 9.18.49 (Debian 12), strace 6.1:
#   - curl and nc connect: for TCP the kernel takes the address to mean 127.0.0.1;
#   - iputils ping prints "1 packets transmitted, 0 received" and exits with 1. Each sendto has failed with ENETUNREACH, which it does not print;
#     its check of the route, a UDP connect, had passed, for it goes over IPv4. fping does the same;
#   - busybox ping prints the error of sendto; dig skips such a server ("Skipping mapped address"), and exits with 0.
# Where it matters: addresses that a dual-stack socket reports (a Node or Java server's remoteAddress) have this form. Pasted into a check they
# look like a host that TCP reaches and a policy hides from ping. Write them as IPv4.
# Needs root (an own network namespace), node and strace.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq iputils-ping=3:20221126-1+deb12u1 busybox=1:1.35.0-4+deb12u1+b1 fping=5.1-1 netcat-openbsd=1.219-1 \
  libbsd0=0.11.7-2 curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 strace=6.1-0.1 libunwind8=1.6.2-3 \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 \
  libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 \
  libnghttp2-14=1.52.0-1+deb12u3 libedit2=3.1-20221030-2) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done

cat >inside.sh <<'BASH'
ip link set lo up
node -e "require('http').createServer((_, response) => response.end()).listen(8080, '127.0.0.1', () => console.log('up'))" >up & server=$!
until grep -q up up; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
try() {
  local status=0
  "${@:2}" >output 2>&1 || status=$?
  echo "$1: exit $status$(grep -m1 -o -E ' succeeded!|[0-9] packets transmitted.* loss|xmt/rcv/%loss = .*%|sendto: .*|Skipping mapped' output | sed 's/^ */, /')"
}
try curl root/usr/bin/curl -qsS -o /dev/null --noproxy '*' 'http://[::ffff:127.0.0.1]:8080/'
try nc root/bin/nc.openbsd -zv -w 2 ::ffff:127.0.0.1 8080
try 'ping 127.0.0.1' root/bin/ping -n -c 1 -W 1 127.0.0.1
try ping root/bin/ping -n -c 1 -W 1 ::ffff:127.0.0.1
try fping root/usr/bin/fping -c 1 ::ffff:127.0.0.1
try busybox root/bin/busybox ping -c 1 -W 1 ::ffff:127.0.0.1
try dig root/usr/bin/dig +time=1 +tries=1 @::ffff:127.0.0.1 example.test
echo "ping's system call: $(root/usr/bin/strace -e trace=sendto root/bin/ping -n -c 1 -W 1 ::ffff:127.0.0.1 2>&1 | grep -o -m1 'E[A-Z]*UNREACH')"
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected="curl: exit 0
nc: exit 0, succeeded!
ping 127.0.0.1: exit 0, 1 packets transmitted, 1 received, 0% packet loss
ping: exit 1, 1 packets transmitted, 0 received, 100% packet loss
fping: exit 1, xmt/rcv/%loss = 1/0/100%
busybox: exit 1, sendto: Network is unreachable
dig: exit 0, Skipping mapped
ping's system call: ENETUNREACH"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
