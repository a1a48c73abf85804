#!/usr/bin/env bash
# `getent hosts` prints the IPv6 address of a dual-stack name and no other; if the name has none, all its IPv4 addresses.
#
# Expected: every address that the name has, as `getent ahosts` and the getaddrinfo of the programs beside it have them.
# Seen with getent of libc-bin 2.36 (Debian 12), names from a hosts file; from DNS it is the same:
#   - a name with two IPv4 addresses and one IPv6 address: `getent hosts` has the IPv6 address alone, `getent ahosts` all three;
#   - a name with the IPv4 addresses only: both have both;
#   - the exit status is 0 each time.
# Where it matters: `getent hosts NAME | awk '{print $1}'` is how entrypoints and probes without dig look up a Service. Where a dual-stack Service
# is switched on, the very same line yields an IPv6 address from one day to the next, and the program that takes the result for IPv4 fails.
# Needs root (own network and mount namespaces, port 53 of their loopback), node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq libc-bin=2.36-9+deb12u14) 2>apt.log || { cat apt.log; exit 1; }
dpkg -x debs/*.deb root
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null

# A name server: dual.test has two IPv4 addresses and one of IPv6, four.test the two alone.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const socket = require('dgram').createSocket('udp4')
socket.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const { name, type } = questions[0]
  const data = type === 'A' ? ['192.0.2.1', '192.0.2.2'] : type === 'AAAA' && name === 'dual.test' ? ['2001:db8::1'] : []
  const answers = data.map((one) => ({ type, name, ttl: 1, data: one }))
  socket.send(dns.encode({ type: 'response', id, flags: dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE, questions, answers }), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
ip link set lo up
printf '192.0.2.1 dual.test four.test\n192.0.2.2 dual.test four.test\n2001:db8::1 dual.test\n' >hosts
printf 'nameserver 127.0.0.1\n' >resolv.conf
printf 'multi on\n' >host.conf
touch /etc/host.conf
: >nsswitch.conf
for file in hosts resolv.conf host.conf nsswitch.conf; do mount --bind $file /etc/$file; done
node server.cjs >up & server=$!
until grep -q up up; do sleep 0.05; done
for source in files dns; do
  echo "hosts: $source" >nsswitch.conf
  for name in dual.test four.test; do
    for database in hosts ahosts; do
      status=0
      found=$(root/usr/bin/getent $database $name) || status=$?
      echo "$source, getent $database $name: exit $status, $(awk '{print $1}' <<<"$found" | sort -u | xargs)"
    done
  done
done
kill $server
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='files, getent hosts dual.test: exit 0, 2001:db8::1
files, getent ahosts dual.test: exit 0, 192.0.2.1 192.0.2.2 2001:db8::1
files, getent hosts four.test: exit 0, 192.0.2.1 192.0.2.2
files, getent ahosts four.test: exit 0, 192.0.2.1 192.0.2.2
dns, getent hosts dual.test: exit 0, 2001:db8::1
dns, getent ahosts dual.test: exit 0, 192.0.2.1 192.0.2.2 2001:db8::1
dns, getent hosts four.test: exit 0, 192.0.2.1 192.0.2.2
dns, getent ahosts four.test: exit 0, 192.0.2.1 192.0.2.2'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
