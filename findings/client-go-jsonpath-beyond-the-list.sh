#!/usr/bin/env bash
# client-go's JSONPath, told to allow what is missing, still fails for an element that an array does not have; and `!=` leaves out what is missing.
#
# Expected: with AllowMissingKeys(true), which kubectl get, kubectl wait and printer columns set, whatever is not there comes to nothing, an
# element like a key; a slice ends where the array does, as in Go, Python and RFC 9535; and an object without the key is selected by `!=`.
# Seen with k8s.io/client-go v0.36.3 (util/jsonpath):
#   - of a missing array [0] comes to nothing, of an empty one it is an error: "array index out of bounds: index 0, length 0";
#   - a slice beyond the end, [0:9] of three, is the same error ("index 8"), and [-1:] works;
#   - a filter [?(@.type!="A")] does not select the element without `type`.
# Where it matters: `kubectl wait --for=jsonpath='{.status.conditions[0].status}'=True` goes on waiting while a controller has not written
# `conditions`, and ends with an error at once where it has written an empty list. Name the condition by a filter.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/paths
go 1.26.0
require k8s.io/client-go v0.36.3
MOD
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/client-go/util/jsonpath"
)

const object = `{
	"empty": [],
	"three": [{"type": "A", "status": "True"}, {"status": "Unknown"}, {"type": "B", "status": "False"}]
}`

func main() {
	var data any
	if err := json.Unmarshal([]byte(object), &data); err != nil {
		panic(err)
	}
	for _, path := range []string{
		`{.missing[0].status}`, `{.empty[0].status}`, `{.empty[*].status}`,
		`{.three[1].type}`, `{.three[9].status}`, `{.three[0:9].status}`, `{.three[-1:].status}`,
		`{.three[?(@.type=="A")].status}`, `{.three[?(@.type!="A")].status}`,
	} {
		parser := jsonpath.New("path").AllowMissingKeys(true)
		if err := parser.Parse(path); err != nil {
			panic(err)
		}
		var found strings.Builder
		if err := parser.Execute(&found, data); err != nil {
			fmt.Println(path, "fails:", err)
			continue
		}
		fmt.Printf("%s = %q\n", path, found.String())
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='{.missing[0].status} = ""
{.empty[0].status} fails: array index out of bounds: index 0, length 0
{.empty[*].status} = ""
{.three[1].type} = ""
{.three[9].status} fails: array index out of bounds: index 9, length 3
{.three[0:9].status} fails: array index out of bounds: index 8, length 3
{.three[-1:].status} = "False"
{.three[?(@.type=="A")].status} = "True"
{.three[?(@.type!="A")].status} = "False"'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
