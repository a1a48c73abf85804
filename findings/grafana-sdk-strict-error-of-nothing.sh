#!/usr/bin/env bash
# The strict reader of Grafana's foundation SDK returns an error for a valid dashboard, with an empty text and without a problem in it.
#
# Expected: UnmarshalJSONStrict returns nil for an input that it has read without a problem, as Validate of the same type does.
# Seen with github.com/grafana/grafana-foundation-sdk/go v0.0.22:
#   - Dashboard.UnmarshalJSONStrict returns an error that is not nil for the smallest valid dashboard; its text is empty;
#   - the error is an empty list of problems (cog.BuildErrors): a nil slice that became an interface;
#   - an unknown field gives the same type of error, with one problem; Validate of the dashboard returns nil.
# Where it matters: `if err := dashboard.UnmarshalJSONStrict(text); err != nil`, the usual check, rejects every dashboard, and a log of the error is empty.
# Needs go.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >go.mod <<'MOD'
module strict

go 1.23

require github.com/grafana/grafana-foundation-sdk/go v0.0.22
MOD
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	for _, text := range []string{
		`{"title": "empty", "schemaVersion": 39, "templating": {"list": []}, "annotations": {"list": []}}`,
		`{"title": "empty", "schemaVersion": 39, "templating": {"list": []}, "annotations": {"list": []}, "titles": 1}`,
	} {
		read := dashboard.Dashboard{}
		err := read.UnmarshalJSONStrict([]byte(text))
		var problems cog.BuildErrors
		fmt.Printf("nil: %t, problems: %t %d, text: %q, valid: %t\n",
			err == nil, errors.As(err, &problems), len(problems), err, read.Validate() == nil)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
expected="nil: false, problems: true 0, text: \"\", valid: true
nil: false, problems: true 1, text: \"Dashboard: unexpected field 'titles'\", valid: true"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
