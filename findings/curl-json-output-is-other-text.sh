#!/usr/bin/env bash
# curl -w '%{json}' is JSON that parses, but with another text: a control character loses the backslash of its escape, and each byte from 0x80 becomes nine letters.
#
# Expected: a string of %{json} is what %{NAME} writes, with the escapes of JSON.
# Seen with curl 7.88.1-10+deb12u15 (Debian 12), which a parser reads without an error:
#   - content_type `text/plain; title="caf\xe9"` is `…cafuffffffe9`, and %{content_type} has the byte itself;
#   - the URL's path `/caf\xc3\xa9` (valid UTF-8) is `/cafuffffffc3uffffffa9`;
#   - the file name `a<TAB>b` is right, with the escape `\t`; `a<0x01>b` is `au0001b`.
# Where it matters: a check that takes its result from %{json} because names, URLs and content types may have any byte. Lines of
# %{NAME} with a separator that cannot occur in them are safe, and so are the numbers of %{json}.
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
require('http').createServer((request, response) => response.writeHead(200, { 'content-type': 'text/plain; title=\"caf\u00e9\"' }).end())
  .listen(8080, '127.0.0.1', () => console.log('up'))" >up & server=$!
until grep -q up up; do sleep 0.05; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu
curl() { root/usr/bin/curl -qs --noproxy '*' "$@"; }
read_json() { node -e "console.log('json:', JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8'))['$1']))"; }
at=http://127.0.0.1:8080/
echo "plain: $(curl -o body -w '%{content_type}' $at | od -An -tx1 -j21 | xargs)"
curl -o body -w '%{json}' $at | read_json content_type
curl -o body -w '%{json}' "${at}caf$(printf '\303\251')" | read_json url
curl -o "$(printf 'a\tb')" -w '%{json}' $at | read_json filename_effective
curl -o "$(printf 'a\001b')" -w '%{json}' $at | read_json filename_effective
kill $server
BASH
seen=$(unshare --net bash inside.sh)
echo "$seen"
expected='plain: 66 e9 22
json: "text/plain; title=\"cafuffffffe9\""
json: "http://127.0.0.1:8080/cafuffffffc3uffffffa9"
json: "a\tb"
json: "au0001b"'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
