#!/usr/bin/env bash
# busybox nslookup 1.35 exits 1 for a short name that it has resolved, and never tries the search list for a name with a dot.
#
# Expected: the search list of resolv.conf as a resolver walks it: with ndots:5 a name of fewer dots gets each domain in turn until one
# of them has it, and the exit status says whether an address was found.
# Seen with busybox 1.35.0 (Debian 12) and the resolv.conf of a pod (three domains, ndots:5), where the Service is web in namespace shop:
#   - `web` is asked for in all three domains at once, and one NXDOMAIN among the replies makes the exit status 1. The first domain has
#     it, its address is printed, and the status is 1 none the less: a short name succeeds only where every search domain has it;
#   - `web.shop` and `web.shop.svc`, which every application in the pod resolves, are asked for as they stand, whatever ndots says:
#     NXDOMAIN, exit 1. The full name is the only one that gives 0.
# Where it matters: `nslookup web && …`, a start-up loop `until nslookup web; do sleep 1; done` or an exec probe never succeeds in an image
# that brings this busybox, with DNS and Service in perfect order; and the address in the output does not mean exit status 0.
# Needs root (own network and mount namespaces, port 53 of their loopback), node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

apt-get download -qq busybox=1:1.35.0-4+deb12u1+b1 2>apt.log || { cat apt.log; exit 1; }
dpkg -x busybox_*.deb root
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null

# A cluster's DNS with one Service in it. It prints the names asked for.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const socket = require('dgram').createSocket('udp4')
socket.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const { name } = questions[0]
  console.log(name)
  const there = name === 'web.shop.svc.cluster.test'
  const answers = there ? [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] : []
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | (there ? 0 : 3)
  socket.send(dns.encode({ type: 'response', id, flags, questions, answers }), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
ip link set lo up
printf 'search shop.svc.cluster.test svc.cluster.test cluster.test\nnameserver 127.0.0.1\noptions ndots:5\n' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
node server.cjs >>asked & server=$!
until grep -q up asked 2>/dev/null; do sleep 0.05; done
for name in web web.shop web.shop.svc web.shop.svc.cluster.test; do
  : >asked
  output=$(timeout 10 root/bin/busybox nslookup -type=a $name 2>&1 | tr -d '\0'; exit ${PIPESTATUS[0]})
  status=$?
  grep -q 192.0.2.1 <<<"$output" && address=address || address='no address'
  echo "$name: exit $status, $address, asked for $(sort -u asked | paste -sd ' ')"
done
kill $server
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='web: exit 1, address, asked for web.cluster.test web.shop.svc.cluster.test web.svc.cluster.test
web.shop: exit 1, no address, asked for web.shop
web.shop.svc: exit 1, no address, asked for web.shop.svc
web.shop.svc.cluster.test: exit 0, address, asked for web.shop.svc.cluster.test'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
