#!/usr/bin/env bash
# One JSON patch (RFC 6902), in the library that the Kubernetes API server applies it with and in three others: `replace` adds, and 1 is not 1.0.
#
# Expected: all keep to RFC 6902. An array's index has no sign and no leading zero; `replace` and `test` need their target; numbers are equal if
# their values are; an empty path is the whole document for every operation.
# Seen with gopkg.in/evanphx/json-patch.v4 v4.13.0 (Kubernetes 1.36: `kubectl patch --type=json`, mutating webhooks), its successor
# github.com/evanphx/json-patch/v5 v5.9.11, fast-json-patch 3.1.1 (which validates here) and Python's jsonpatch 1.33. Each line has what they
# come to in this order, `-` where one refuses. The API server's, alone of all unless said otherwise,
#   - adds a member that `replace` does not find;
#   - refuses `add` with an empty path, and takes `replace` with one;
#   - takes a member that is not there for null in a `test`, and 1 and 1.0 for different numbers (v5 as well);
#   - counts -1 from the end, and reads +1 and 01 as 1 (v5 as well).
# Where it matters: a webhook's patch that its own tests have applied in JavaScript or Python. A guard ({"op":"test","value":null}: only if nobody
# has set it) fails there and holds in the cluster; a `replace` that should fail where the field is missing does so only there.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-save fast-json-patch@3.1.1 >/dev/null
pip install --quiet --root-user-action ignore --target python jsonpatch==1.33
# Each line: a name, the object, the patch.
cat >cases.txt <<'CASES'
replace what is there	{"a":1}	[{"op":"replace","path":"/a","value":2}]
replace what is not there	{}	[{"op":"replace","path":"/a","value":2}]
remove what is not there	{}	[{"op":"remove","path":"/a"}]
replace the document	{"a":1}	[{"op":"replace","path":"","value":{"b":2}}]
add the document	{"a":1}	[{"op":"add","path":"","value":{"b":2}}]
test that nothing is null	{}	[{"op":"test","path":"/a","value":null}]
test that 1 is 1.0	{"a":1}	[{"op":"test","path":"/a","value":1.0}]
replace the index -1	{"a":[1,2,3]}	[{"op":"replace","path":"/a/-1","value":9}]
replace the index +1	{"a":[1,2,3]}	[{"op":"replace","path":"/a/+1","value":9}]
replace the index 01	{"a":[1,2,3]}	[{"op":"replace","path":"/a/01","value":9}]
CASES
cat >go.mod <<'MOD'
module example.test/patches
go 1.26.0
require (
	github.com/evanphx/json-patch/v5 v5.9.11
	gopkg.in/evanphx/json-patch.v4 v4.13.0
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	v5 "github.com/evanphx/json-patch/v5"
	v4 "gopkg.in/evanphx/json-patch.v4"
)

func main() {
	text, err := os.ReadFile("cases.txt")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		object, patch := []byte(parts[1]), []byte(parts[2])
		four, err := v4.DecodePatch(patch)
		if err != nil {
			panic(err)
		}
		five, err := v5.DecodePatch(patch)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s %s\n", parts[0], shown(four.Apply(object)), shown(five.Apply(object)))
	}
}

func shown(patched []byte, err error) string {
	if err != nil {
		return "-"
	}
	return string(patched)
}
GO
cat >patch.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { applyPatch } = require("fast-json-patch");
for (const line of readFileSync("cases.txt", "utf8").trim().split("\n")) {
  const [, object, patch] = line.split("\t");
  try {
    console.log(JSON.stringify(applyPatch(JSON.parse(object), JSON.parse(patch), true).newDocument));
  } catch {
    console.log("-");
  }
}
JS
cat >patch.py <<'PY'
import json

import jsonpatch

for line in open("cases.txt"):
    _, document, patch = line.rstrip("\n").split("\t")
    try:
        patched = jsonpatch.apply_patch(json.loads(document), json.loads(patch))
        print(json.dumps(patched, separators=(",", ":")))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        print("-")
PY
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run . >go.txt
node patch.cjs >node.txt
PYTHONPATH=python python3 patch.py >python.txt
seen=$(paste -d ' ' go.txt node.txt python.txt)
echo "$seen"
expected='replace what is there: {"a":2} {"a":2} {"a":2} {"a":2}
replace what is not there: {"a":2} - - -
remove what is not there: - - - -
replace the document: {"b":2} {"b":2} {"b":2} {"b":2}
add the document: - {"b":2} {"b":2} {"b":2}
test that nothing is null: {} {} - -
test that 1 is 1.0: - - {"a":1} {"a":1}
replace the index -1: {"a":[1,2,9]} {"a":[1,2,9]} - -
replace the index +1: {"a":[1,9,3]} {"a":[1,9,3]} - -
replace the index 01: {"a":[1,9,3]} {"a":[1,9,3]} - -'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
