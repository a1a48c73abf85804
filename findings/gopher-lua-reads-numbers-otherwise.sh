#!/usr/bin/env bash
# gopher-lua, which runs the health checks of Argo CD, reads numbers otherwise than Lua 5.1 does: "010" + 0 is 8, and tonumber("1e3") is nil.
#
# Expected: the numbers of Lua 5.1, whose language it is; differences only where its README lists them (goroutines, files, locales).
# Seen with github.com/yuin/gopher-lua v1.1.2 (cmd/glua) and Debian's lua5.1 5.1.5-9; each line has Lua's result, then gopher-lua's:
#   - a string with a leading zero is octal in arithmetic, and decimal to tonumber, within the same program;
#   - tonumber knows no exponent: "1e3" is no number, though the literal 1e3 is one, and "1.5" is read;
#   - math.huge is the greatest finite number, so 1/0 does not equal it;
#   - 10^15 is written in full where Lua writes 1e+15, and string.upper changes letters beyond ASCII.
# Where it matters: a health check that was tried out with lua5.1. The values of annotations and quantities are strings: a revision "010" that is
# compared after `+ 0`, or a quantity "1e3". Convert with tonumber(text, 10), and test with gopher-lua itself.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir debs root
(cd debs && apt-get download -qq lua5.1=5.1.5-9) 2>apt.log || { cat apt.log; exit 1; }
dpkg -x debs/*.deb root
cat >go.mod <<'MOD'
module example.test/lua
go 1.26.0
require github.com/yuin/gopher-lua v1.1.2
tool github.com/yuin/gopher-lua/cmd/glua
MOD
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go build -o glua github.com/yuin/gopher-lua/cmd/glua

seen=
while read -r expression; do
  echo "print($expression)" >one.lua
  seen="$seen$expression: $(root/usr/bin/lua5.1 one.lua) | $(./glua one.lua)
"
done <<'LUA'
"010" + 0
tonumber("010")
tonumber("010", 10)
1e3
tonumber("1e3")
tonumber("1.5")
tonumber("0x10")
math.huge == 1/0
10^15
10^15 .. ""
string.upper("é")
LUA
printf %s "$seen"
expected='"010" + 0: 10 | 8
tonumber("010"): 10 | 10
tonumber("010", 10): 10 | 10
1e3: 1000 | 1000
tonumber("1e3"): 1000 | nil
tonumber("1.5"): 1.5 | 1.5
tonumber("0x10"): 16 | 16
math.huge == 1/0: true | false
10^15: 1e+15 | 1000000000000000
10^15 .. "": 1e+15 | 1000000000000000
string.upper("é"): é | É
'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; printf %s "$expected"; exit 1; }
