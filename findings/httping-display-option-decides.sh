#!/usr/bin/env bash
# httping counts a response 500 as a success, and with -s, which shows the status codes, as a failure; where all fail it exits with 127.
#
# Expected: -s ("show statuscodes") shows, -o and -n judge; a failure has an exit status of its own, 1 as for ping, and half a failure too.
# Seen with httping 2.5 (Debian 12), two requests each, to a server that answers as named:
#   - 500 is "0.00% failed", exit 0, without -s, and "100.00% failed", exit 127, with it;
#   - one of two connections closed without an answer is 50 % and exit 0;
#   - a closed port is exit 127. The manual has no list of exit statuses.
# Where it matters: 127 is what a shell and a container's exec probe say of a program that is not there, so `httping … || …` in a script, or a Job
# with a pod failure policy for 127, takes an unreachable server for a broken image; and -s in a command line changes what is alarmed on.
# Needs root (an own network namespace) and node.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq httping=2.5-5.2+b1 libfftw3-double3=3.3.10-1) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
cat >server.cjs <<'JS'
let count = 0
require('http').createServer((request, response) => {
  if (request.url === '/half' && ++count % 2 === 0) return request.socket.destroy()
  response.writeHead(request.url === '/500' ? 500 : 200)
  response.end()
}).listen(8080, '127.0.0.1', () => console.log('up'))
JS

cat >inside.sh <<'BASH'
set -euo pipefail
ip link set lo up
node server.cjs >up & server=$!
until grep -q up up; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
# try ARGUMENT…
try() {
  local status=0
  root/usr/bin/httping -c 2 -i 0.2 "$@" >output 2>&1 || status=$?
  echo "${*/http:\/\/127.0.0.1/}: $(grep -o '[0-9.]*% failed' output), exit $status"
}
try http://127.0.0.1:8080/200
try -s http://127.0.0.1:8080/200
try http://127.0.0.1:8080/500
try -s http://127.0.0.1:8080/500
try -G http://127.0.0.1:8080/half
try http://127.0.0.1:9/closed
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected=':8080/200: 0.00% failed, exit 0
-s :8080/200: 0.00% failed, exit 0
:8080/500: 0.00% failed, exit 0
-s :8080/500: 100.00% failed, exit 127
-G :8080/half: 50.00% failed, exit 0
:9/closed: 100.00% failed, exit 127'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
