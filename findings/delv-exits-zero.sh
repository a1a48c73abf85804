#!/usr/bin/env bash
# delv exits 0 although nothing was resolved: SERVFAIL, REFUSED, and even where no name server replies at all.
#
# Expected: as with dig, from the same sources: 9 where no server replies; or 1 with its words "resolution failed".
# Seen with delv and dig of bind9-dnsutils 9.18.49 (Debian 12), asking a name server that does not reply, one that refuses and one that fails:
#   - delv prints ";; resolution failed: …" and exits 0 each time;
#   - dig exits 9 for silence, and 0 for a reply of any kind.
# Where it matters: delv looks like the stricter dig, but `delv NAME && …`, a step of a pipeline or an exec probe with it is always green.
# Only its output says anything: look for the record itself.
# Needs root (own network and mount namespaces, port 53 of their loopback), node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 \
  libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 libxml2=2.9.14+dfsg-1.3~deb12u6 \
  libicu72=72.1-3+deb12u1 libnghttp2-14=1.52.0-1+deb12u3) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null

# A name server that does what the first label says: answer, servfail, refused or silence.
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const socket = require('dgram').createSocket('udp4')
socket.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const { name, type } = questions[0]
  const rcode = { answer: 0, servfail: 2, refused: 5 }[name.split('.')[0]]
  if (rcode === undefined) return
  const answers = rcode === 0 && type === 'A' ? [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] : []
  const flags = dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE | rcode
  socket.send(dns.encode({ type: 'response', id, flags, questions, answers }), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
ip link set lo up
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
node server.cjs >up & server=$!
until grep -q up up; do sleep 0.05; done
for label in answer servfail refused silence; do
  for tool in 'delv +noroot' 'dig +tries=1 +time=1'; do
    output=$(timeout 60 root/usr/bin/$tool $label.example.test A 2>&1)
    echo "${tool%% *} $label: exit $?, $(grep -q 192.0.2.1 <<<"$output" && echo address || echo 'no address')"
  done
done
kill $server
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='delv answer: exit 0, address
dig answer: exit 0, address
delv servfail: exit 0, no address
dig servfail: exit 0, no address
delv refused: exit 0, no address
dig refused: exit 0, no address
delv silence: exit 0, no address
dig silence: exit 9, no address'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
