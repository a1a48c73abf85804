#!/usr/bin/env bash
# The same CEL expression on the same object, in cel-go (what the API server runs) and in three other evaluators: some come to the opposite.
#
# Expected: evaluators differ in what they support, and refuse the rest; what two of them accept means the same in both.
# Seen with github.com/google/cel-go v0.31.0, @bufbuild/cel 0.6.1, @marcbachmann/cel-js 8.0.0 and cel-python 0.5.0, for the object {"a": null}.
# Each line has what they come to in this order, `-` where one refuses the expression or ends with an error:
#   - a member that is null is there for `has`, and for @bufbuild/cel it is not: it comes to the opposite of the API server;
#   - strings are ordered by code points, and by both evaluators in JavaScript by their UTF-16 halves: U+FF61 comes before U+1F600, or after it;
#   - cel-python writes string(1.0) as 1.0, and drops the fraction of a second in string(timestamp);
#   - @marcbachmann/cel-js negates the least integer to one that there is not, where the others end with an overflow.
# Where it matters: rules of CRDs and of ValidatingAdmissionPolicies are tried out without a cluster in such evaluators: a rule of the form
# `!has(self.a) || self.a.size() > 0` is about a nullable field.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-save @bufbuild/cel@0.6.1 @marcbachmann/cel-js@8.0.0 >/dev/null
pip install --quiet --root-user-action ignore --target python cel-python==0.5.0 2>pip.log || { cat pip.log; exit 1; }
cat >expressions.json <<'JSON'
[
  "has(o.a)",
  "has(o.a) && o.a == null",
  "'\uff61' < '\ud83d\ude00'",
  "string(1.0)",
  "string(timestamp('2026-11-29T00:00:00.500Z'))",
  "string(duration('90m'))",
  "-(-9223372036854775808) > 0",
  "has(o.b)",
  "'abc'.size() == 3"
]
JSON
cat >go.mod <<'MOD'
module example.test/cel
go 1.26.0
require github.com/google/cel-go v0.31.0
MOD
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/cel-go/cel"
)

func main() {
	data, _ := os.ReadFile("expressions.json")
	var expressions []string
	if err := json.Unmarshal(data, &expressions); err != nil {
		panic(err)
	}
	env, err := cel.NewEnv(cel.Variable("o", cel.MapType(cel.StringType, cel.DynType)))
	if err != nil {
		panic(err)
	}
	for _, expression := range expressions {
		fmt.Println(evaluate(env, expression))
	}
}

func evaluate(env *cel.Env, expression string) string {
	checked, issues := env.Compile(expression)
	if issues.Err() != nil {
		return "-"
	}
	program, err := env.Program(checked)
	if err != nil {
		return "-"
	}
	value, _, err := program.Eval(map[string]any{"o": map[string]any{"a": nil}})
	if err != nil {
		return "-"
	}
	return fmt.Sprint(value.Value())
}
GO
cat >evaluate.mjs <<'JS'
import { readFileSync } from "node:fs";
import { run } from "@bufbuild/cel";
import { evaluate } from "@marcbachmann/cel-js";

const evaluators = { bufbuild: run, marcbachmann: evaluate };
for (const expression of JSON.parse(readFileSync("expressions.json", "utf8"))) {
  try {
    const value = evaluators[process.argv[2]](expression, { o: { a: null } });
    console.log(value instanceof Error ? "-" : String(value));
  } catch {
    console.log("-");
  }
}
JS
cat >evaluate.py <<'PY'
import json

import celpy

environment = celpy.Environment()
names = {"o": celpy.json_to_cel({"a": None})}
for expression in json.load(open("expressions.json")):
    try:
        value = environment.program(environment.compile(expression)).evaluate(names)
        print(str(value).lower() if isinstance(value, celpy.celtypes.BoolType) else value)
    except Exception:
        print("-")
PY
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run . >go.txt
node evaluate.mjs bufbuild >bufbuild.txt
node evaluate.mjs marcbachmann >marcbachmann.txt
PYTHONPATH=python python3 -W ignore evaluate.py >python.txt
seen=$(paste -d '|' <(node -e 'for (const one of require("./expressions.json")) console.log(one)') go.txt bufbuild.txt marcbachmann.txt python.txt | sed 's/|/: /; s/|/, /g')
echo "$seen"
expected='has(o.a): true, false, true, true
has(o.a) && o.a == null: true, false, true, true
'"'｡' < '😀'"': true, false, false, true
string(1.0): 1, 1, 1, 1.0
string(timestamp('"'2026-11-29T00:00:00.500Z'"')): 2026-11-29T00:00:00.5Z, 2026-11-29T00:00:00.500Z, -, 2026-11-29T00:00:00Z
string(duration('"'90m'"')): 5400s, 5400s, -, 5400s
-(-9223372036854775808) > 0: -, -, true, -
has(o.b): false, false, false, false
'"'abc'"'.size() == 3: true, true, true, true'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
