#!/usr/bin/env bash
# Argo CD's health scripts have no global `os`: it exists after require("os") alone.
#
# Expected: the documented standard libraries of a script, os among them, are globals as in any Lua.
# Seen with argo-cd v3.2.12 (util/lua, which runs the scripts of resource.customizations.health), without useOpenLibs:
#   - `os` is nil, so os.time() and os.date() are errors, and the health is Unknown;
#   - `local os = require("os")` gives time and date;
#   - string and math are nil. With useOpenLibs all are globals.
# Where it matters: a script that compares a time of the status with the present, so that a verdict of yesterday is not healthy. Tried
# with another Lua, or with useOpenLibs, it works, and in Argo CD it is Unknown.
# Takes about five minutes: it compiles Argo CD's packages.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin CGO_ENABLED=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

module=$(GOFLAGS=-mod=mod go mod download -json github.com/argoproj/argo-cd/v3@v3.2.12 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
{
  printf 'module example.test/health\ngo 1.26.0\nrequire github.com/argoproj/argo-cd/v3 v3.2.12\nrequire k8s.io/apimachinery v0.34.0\n'
  sed -n '/^replace (/,/^)/p' "$module/go.mod"
} >go.mod
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/argoproj/argo-cd/v3/util/lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.test/v1", "kind": "Thing"}}
	for _, open := range []bool{false, true} {
		for _, expression := range []string{
			`type(os)`, `type(require("os").time) .. " " .. type(require("os").date)`,
			`type(string) .. " " .. type(math)`,
		} {
			vm := lua.VM{UseOpenLibs: open}
			result, err := vm.ExecuteHealthLua(object, `return {status = "Healthy", message = `+expression+`}`)
			if err != nil {
				fmt.Printf("useOpenLibs %v, %s: error\n", open, expression)
				continue
			}
			fmt.Printf("useOpenLibs %v, %s: %s\n", open, expression, result.Message)
		}
	}
	_, err := lua.VM{}.ExecuteHealthLua(object, `return {status = "Healthy", message = tostring(os.time())}`)
	fmt.Println("os.time() is an error:", err != nil)
}
GO
GOFLAGS=-mod=mod go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go build -trimpath -buildvcs=false -o health .
seen=$(./health)
echo "$seen"
expected='useOpenLibs false, type(os): nil
useOpenLibs false, type(require("os").time) .. " " .. type(require("os").date): function function
useOpenLibs false, type(string) .. " " .. type(math): nil nil
useOpenLibs true, type(os): table
useOpenLibs true, type(require("os").time) .. " " .. type(require("os").date): function function
useOpenLibs true, type(string) .. " " .. type(math): table table
os.time() is an error: true'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
