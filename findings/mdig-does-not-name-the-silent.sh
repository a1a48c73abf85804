#!/usr/bin/env bash
# mdig, BIND's dig for many names at once: a type after a name is another name, and a name without an answer is not named.
#
# Expected: dig's command line with more than one name, one result for each name.
# Seen with mdig and dig of bind9-dnsutils 9.18.49 (Debian 12):
#   - `dig a.example.test MX b.example.test` asks for the MX record of the first name. mdig asks for the addresses of three names, one of them
#     `MX.`, and exits with 0; `-t MX` belongs to the name after it, not to the one before;
#   - of two names, one that the server never answers: the other one's answer, then "response failed with timed out", without a name;
#   - two names at an address where no server is: "response failed with connection refused" once, exit 1. dig reports both, exit 9;
#   - times to live are written as `1s` and not as `1`, so what parses dig's answers does not parse these.
# Where it matters: mdig is in every image with dig, and asks ten names in a tenth of the CPU of ten dig. Its output does not say which
# name had no answer, so a check of many names has to find the missing ones by itself.
# Needs root (own network namespace, port 53 of its loopback), node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir debs root
(cd debs && apt-get download -qq \
  bind9-dnsutils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 libjemalloc2=5.3.0-1 libmaxminddb0=1.7.1-1 libfstrm0=0.6.1-1 \
  libprotobuf-c1=1.4.1-1+b1 liblmdb0=0.9.24-1 libuv1=1.44.2-1+deb12u1 libjson-c5=0.16-2 libxml2=2.9.14+dfsg-1.3~deb12u6 libicu72=72.1-3+deb12u1 \
  libnghttp2-14=1.52.0-1+deb12u3 libedit2=3.1-20221030-2) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
npm install --silent --no-save --prefix npm dns-packet@5.6.1 >/dev/null
cat >server.cjs <<'JS'
const dns = require('./npm/node_modules/dns-packet')
const udp = require('dgram').createSocket('udp4')
udp.on('message', (message, from) => {
  const { id, questions } = dns.decode(message)
  const { name } = questions[0]
  console.log(`${name}/${questions[0].type}`)
  if (name.startsWith('silent')) return
  udp.send(dns.encode({ type: 'response', id, flags: dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE, questions, answers: questions[0].type === 'A' ? [{ type: 'A', name, ttl: 1, data: '192.0.2.1' }] : [] }), from.port, from.address)
})
udp.bind(53, '127.0.0.1', () => console.log('up'))
JS
cat >inside.sh <<'BASH'
ip link set lo up
: >asked
node server.cjs >>asked & server=$!
until grep -q up asked; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
try() {
  local status=0
  local before; before=$(wc -l <asked)
  root/usr/bin/"$@" >output 2>&1 || status=$?
  echo "$*"
  echo "  asked: $(tail -n +$((before + 1)) asked | xargs)"
  grep -E '^[^;].*192|failed|refused' output | tr -s '\t ' ' ' | sed 's/^/  /'
  echo "  exit $status"
}
once="+tries=1 +time=1"
try dig @127.0.0.1 +short a.example.test MX b.example.test
try mdig @127.0.0.1 +short a.example.test MX b.example.test
try mdig @127.0.0.1 +short a.example.test -t MX b.example.test
try mdig @127.0.0.1 $once silent.example.test a.example.test
try mdig @127.0.0.2 $once a.example.test b.example.test
try dig @127.0.0.2 $once a.example.test b.example.test
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='dig @127.0.0.1 +short a.example.test MX b.example.test
  asked: a.example.test/MX b.example.test/A
  exit 0
mdig @127.0.0.1 +short a.example.test MX b.example.test
  asked: a.example.test/A MX/A b.example.test/A
  exit 0
mdig @127.0.0.1 +short a.example.test -t MX b.example.test
  asked: a.example.test/A b.example.test/MX
  exit 0
mdig @127.0.0.1 +tries=1 +time=1 silent.example.test a.example.test
  asked: silent.example.test/A a.example.test/A
  a.example.test. 1s IN A 192.0.2.1
  response failed with timed out
  exit 1
mdig @127.0.0.2 +tries=1 +time=1 a.example.test b.example.test
  asked: 
  response failed with connection refused
  exit 1
dig @127.0.0.2 +tries=1 +time=1 a.example.test b.example.test
  asked: 
  ;; communications error to 127.0.0.2#53: connection refused
  ;; communications error to 127.0.0.2#53: connection refused
  exit 9'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
