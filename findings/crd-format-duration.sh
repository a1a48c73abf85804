#!/usr/bin/env bash
# What a CRD admits as `format: duration` is not what metav1.Duration reads, and part of it is another length than it says.
#
# Expected: both read a duration by time.ParseDuration; the format was known to take "22 ns" and "1 day" in addition.
# Seen with k8s.io/kube-openapi of Kubernetes 1.36.3 (pkg/validation/strfmt, which checks the formats of CRDs) and k8s.io/apimachinery 0.36.3:
#   - what Go cannot parse is searched for whole numbers that a unit follows, and all the rest is left out without a word. So "1.5 hours"
#     is five hours and "1e3s" three seconds, "-2 days" loses its sign, "10h5" its last digit, and "1M" is a minute;
#   - metav1.Duration refuses every one of these.
# Where it matters: a controller in Go whose CRD says `format: duration` for a field of type metav1.Duration cannot decode an object that the
# API server has admitted, and with it the whole list; one that converts by strfmt itself acts on a length that nobody wrote. A pattern in the
# schema (Gateway API has one for its durations) closes both.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/durations
go 1.26.0
require (
	k8s.io/apimachinery v0.36.3
	k8s.io/kube-openapi v0.0.0-20260317180543-43fb72c5454a
)
MOD
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

func main() {
	for _, text := range []string{"1.5h", "1.5 hours", "-2h", "-2 days", "1000s", "1e3s", "10h5m", "10h5", "1m", "1M", "1 fortnight"} {
		admitted := "refused"
		if strfmt.Default.Validates("duration", text) {
			length, _ := strfmt.ParseDuration(text)
			admitted = length.String()
		}
		var decoded metav1.Duration
		read := "refused"
		if json.Unmarshal([]byte(`"`+text+`"`), &decoded) == nil {
			read = decoded.Duration.String()
		}
		fmt.Printf("%s: format %s, metav1 %s\n", text, admitted, read)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='1.5h: format 1h30m0s, metav1 1h30m0s
1.5 hours: format 5h0m0s, metav1 refused
-2h: format -2h0m0s, metav1 -2h0m0s
-2 days: format 48h0m0s, metav1 refused
1000s: format 16m40s, metav1 16m40s
1e3s: format 3s, metav1 refused
10h5m: format 10h5m0s, metav1 10h5m0s
10h5: format 10h0m0s, metav1 refused
1m: format 1m0s, metav1 1m0s
1M: format 1m0s, metav1 refused
1 fortnight: format refused, metav1 refused'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
