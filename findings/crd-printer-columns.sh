#!/usr/bin/env bash
# A printer column of a CRD shows the first of several results, cuts 1.5 to 1 in an integer column, and has <invalid> for a date in the future.
#
# Expected: as in `kubectl get -o jsonpath` all results of [*] stand in the column; a value of another type is printed as it is, or left out
# alike; and a date is an age, or for the future the time until then.
# Seen with k8s.io/apiextensions-apiserver v0.36.3 (pkg/registry/customresource/tableconvertor, which makes the API server's tables):
#   - .spec.checks[*].name has the first name alone, without a sign of the others; a list without [*] is printed whole, as JSON;
#   - 1.5 in an integer column is 1, the string "42" there is nothing, and true in a string column is "true";
#   - a date to come is <invalid>, like a text that is no date.
# Where it matters: a column over a list of conditions or checks looks healthy when the first one is, and a column for an expiry or a next run is
# <invalid> until it is past. Use type string for a date in the future, and a filter or a summary field for a list.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/columns
go 1.26.0
require k8s.io/apiextensions-apiserver v0.36.3
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const thing = `{"apiVersion": "example.test/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {
  "checks": [{"name": "web"}, {"name": "db"}], "ports": [80, 443], "half": 1.5, "digits": "42", "on": true,
  "future": "2099-01-01T00:00:00Z", "word": "yesterday"}}`

func main() {
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON([]byte(thing)); err != nil {
		panic(err)
	}
	for _, column := range [][2]string{
		{"string", ".spec.checks[*].name"}, {"integer", ".spec.ports[*]"}, {"string", ".spec.ports"},
		{"integer", ".spec.half"}, {"number", ".spec.half"}, {"string", ".spec.half"},
		{"integer", ".spec.digits"}, {"string", ".spec.digits"}, {"boolean", ".spec.digits"}, {"string", ".spec.on"},
		{"date", ".spec.future"}, {"date", ".spec.word"}, {"string", ".spec.future"},
	} {
		definition := apiextensions.CustomResourceColumnDefinition{Name: "Column", Type: column[0], JSONPath: column[1]}
		convertor, err := tableconvertor.New([]apiextensions.CustomResourceColumnDefinition{definition})
		if err != nil {
			panic(err)
		}
		table, err := convertor.ConvertToTable(context.Background(), object, nil)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s %s: %v\n", column[0], column[1], table.Rows[0].Cells[1])
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='string .spec.checks[*].name: web
integer .spec.ports[*]: 80
string .spec.ports: [80,443]
integer .spec.half: 1
number .spec.half: 1.5
string .spec.half: 1.5
integer .spec.digits: <nil>
string .spec.digits: 42
boolean .spec.digits: <nil>
string .spec.on: true
date .spec.future: <invalid>
date .spec.word: <invalid>
string .spec.future: 2099-01-01T00:00:00Z'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
