#!/usr/bin/env bash
# `defaultMode: 0400` in a manifest is r-------- to kubectl and rw--w---- to a client in JavaScript, and `0o400` is no number to one in Python.
#
# Expected: the loaders of Kubernetes clients differ in words such as `yes`, and read a file mode alike: manifests have always had them in octal.
# Seen with sigs.k8s.io/yaml v1.6.0 (kubectl, every client in Go), js-yaml 5.5.0 (@kubernetes/client-node 2.0.1 loads manifests by it), yaml
# 2.9.1 and PyYAML 6.0.4 (the Python client 37.0.2). The output has what `mode` comes to, and its permissions in octal:
#   - 0400, octal in YAML 1.1, is 256 in Go and Python and the decimal 400, 0620, in both JavaScript libraries;
#   - 0o400, octal in YAML 1.2, is 256 in Go and JavaScript and the string "0o400" in Python;
#   - only the decimal 256 is the same in all.
# Where it matters: a Secret that is mounted with 0400 or 0440 becomes writable for its group when a controller or a test in Node creates the
# very manifest that works with kubectl, and 0644 is refused by the API server, which takes no mode above 511.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-save js-yaml@5.5.0 yaml@2.9.1 >/dev/null
pip install --quiet --root-user-action ignore --target python PyYAML==6.0.4
cat >go.mod <<'MOD'
module example.test/modes
go 1.26.0
require sigs.k8s.io/yaml v1.6.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	json, err := yaml.YAMLToJSON([]byte(os.Args[1]))
	if err != nil {
		panic(err)
	}
	fmt.Println(string(json))
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go build -o modes .

seen=$(for mode in 0400 0644 0o400 256; do
  text="mode: $mode"
  echo "$mode with sigs.k8s.io/yaml: $(./modes "$text")"
  echo "$mode with js-yaml: $(node -p 'JSON.stringify(require("js-yaml").load(process.argv[1]))' "$text")"
  echo "$mode with yaml: $(node -p 'JSON.stringify(require("yaml").parse(process.argv[1]))' "$text")"
  echo "$mode with PyYAML: $(PYTHONPATH=python python3 -c 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1]), separators=(",", ":")))' "$text")"
done | awk '{ n = $NF; gsub(/[^0-9]/, "", n); print $0 ($NF ~ /"0o/ ? "" : sprintf(" = 0%o", n)) }')
echo "$seen"
expected='0400 with sigs.k8s.io/yaml: {"mode":256} = 0400
0400 with js-yaml: {"mode":400} = 0620
0400 with yaml: {"mode":400} = 0620
0400 with PyYAML: {"mode":256} = 0400
0644 with sigs.k8s.io/yaml: {"mode":420} = 0644
0644 with js-yaml: {"mode":644} = 01204
0644 with yaml: {"mode":644} = 01204
0644 with PyYAML: {"mode":420} = 0644
0o400 with sigs.k8s.io/yaml: {"mode":256} = 0400
0o400 with js-yaml: {"mode":256} = 0400
0o400 with yaml: {"mode":256} = 0400
0o400 with PyYAML: {"mode":"0o400"}
256 with sigs.k8s.io/yaml: {"mode":256} = 0400
256 with js-yaml: {"mode":256} = 0400
256 with yaml: {"mode":256} = 0400
256 with PyYAML: {"mode":256} = 0400'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
