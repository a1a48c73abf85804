#!/usr/bin/env bash
# drill takes a truncated answer for the whole: it does not ask again by TCP, and exits with 0.
#
# Expected: as dig and kdig do, drill asks again by TCP when the UDP answer is truncated, or at least ends with an error.
# Seen with drill of ldnsutils 1.8.3, dig 9.18.49 and kdig 3.2.6 (Debian 12). The server's UDP answers have one of two addresses and the bit TC,
# its TCP answers both:
#   - dig and kdig ask by TCP and print both addresses;
#   - drill prints one of two, a warning as a comment ("you might want to query again with TCP"), and exits with 0.
# Where it matters: small images have drill in place of dig. It asks without EDNS, so a check that every pod of a headless Service is in DNS sees
# those that fit into 512 bytes and misses the rest.
# Needs root (own network namespace, port 53 of its loopback), node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 \
  libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 \
  libnghttp2-14=1.52.0-1+deb12u3 knot-dnsutils=3.2.6-1 libknot13=3.2.6-1 libdnssec9=3.2.6-1 libxdp1=1.3.1-1 libbpf1=1:1.1.2-0+deb12u1 \
  libmnl0=1.0.4-3 libedit2=3.1-20221030-2 ldnsutils=1.8.3-1+b1 libldns3=1.8.3-1+b1 libpcap0.8=1.10.3-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null

cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const reply = (message, protocol) => {
  const { id, questions, additionals } = dns.decode(message)
  const { name } = questions[0]
  console.log(name, protocol, additionals.some(({ type }) => type === 'OPT') ? 'EDNS' : 'no-EDNS')
  const all = ['192.0.2.1', '192.0.2.2'].map((data) => ({ type: 'A', name, ttl: 1, data }))
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | (protocol === 'udp' ? dns.TRUNCATED_RESPONSE : 0)
  return dns.encode({ type: 'response', id, flags, questions, answers: protocol === 'udp' ? all.slice(0, 1) : all })
}
const udp = require('dgram').createSocket('udp4')
udp.on('message', (message, from) => udp.send(reply(message, 'udp'), from.port, from.address))
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
ip link set lo up
: >asked
node server.cjs >>asked & server=$!
until grep -q up asked; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
for program in dig kdig drill; do
  status=0
  root/usr/bin/$program @127.0.0.1 $program.example.test A >output || status=$?
  echo "$program: asked by $(awk -v name=$program.example.test '$1 == name { print $2 " (" $3 ")" }' asked | xargs), has $(grep -v '^;' output | grep -c 192.0.2.) of 2, exit $status"
done
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='dig: asked by udp (EDNS) tcp (EDNS), has 2 of 2, exit 0
kdig: asked by udp (no-EDNS) tcp (no-EDNS), has 2 of 2, exit 0
drill: asked by udp (no-EDNS), has 1 of 2, exit 0'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
