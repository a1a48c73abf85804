#!/usr/bin/env bash
# curl with several URLs: the exit status is that of the last URL, with -Z that of any that failed; and one URL that it cannot read drops others.
#
# Expected: -Z changes the order and the time, not the result; and a malformed URL fails by itself, like a closed port or an unknown scheme.
# Seen with curl 7.88.1-10+deb12u15 (Debian 12); each line has the URLs and the number, exit code and status of each transfer that -w reports:
#   - a closed port, then a good URL: exit 0 one after the other, 7 with -Z;
#   - an unknown scheme in the middle fails, and the third URL is fetched. A malformed one ends the run with 3: without -Z the third URL is not
#     fetched, with -Z not even the first, and -w reports one transfer, as number 0;
#   - without -f a status of 500 is a success in each.
# Where it matters: a check of several targets by one curl. `-w '%{urlnum} %{exitcode}'` is the result, and only if it has a line for each URL;
# the exit status of the whole says nothing without -Z, and with it not which one failed.
# Needs root (an own network namespace) and node.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done

cat >inside.sh <<'BASH'
ip link set lo up
node -e "
require('http').createServer((request, response) => response.writeHead(request.url === '/500' ? 500 : 200).end())
  .listen(8080, '127.0.0.1', () => console.log('up'))" >up & server=$!
until grep -q up up; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
good=http://127.0.0.1:8080/ wrong=http://127.0.0.1:8080/500 closed=http://127.0.0.1:9/ scheme=foo://example.test/ malformed='http://['
try() {
  local urls=$1 options status transfers
  for options in '' -Z; do
    status=0
    eval "root/usr/bin/curl -qs $options --noproxy '*' -w '%{urlnum}:%{exitcode}:%{http_code}\n' $urls" >transfers 2>progress || status=$?
    echo "curl $options $urls: exit $status," $(sort transfers)
  done
}
try '$closed $good'
try '$good $closed'
try '$wrong $good'
try '$good $scheme $good'
try '$good $malformed $good'
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='curl  $closed $good: exit 0, 0:7:000 1:0:200
curl -Z $closed $good: exit 7, 0:7:000 1:0:200
curl  $good $closed: exit 7, 0:0:200 1:7:000
curl -Z $good $closed: exit 7, 0:0:200 1:7:000
curl  $wrong $good: exit 0, 0:0:500 1:0:200
curl -Z $wrong $good: exit 0, 0:0:500 1:0:200
curl  $good $scheme $good: exit 0, 0:0:200 1:1:000 2:0:200
curl -Z $good $scheme $good: exit 1, 0:0:200 1:1:000 2:0:200
curl  $good $malformed $good: exit 3, 0:0:200
curl -Z $good $malformed $good: exit 3, 0:3:000'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
