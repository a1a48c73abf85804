#!/usr/bin/env bash
# Three default metrics of prom-client are gauges named `_total`, so Prometheus' own linter rejects every page of /metrics that has them.
#
# Expected: collectDefaultMetrics() keeps Prometheus' naming conventions: `_total` is the end of a counter's name, and of no other's.
# Seen with prom-client 15.1.3 and promlint of client_golang v1.23.2, which `promtool check metrics` runs:
#   - nodejs_active_handles_total, nodejs_active_requests_total and nodejs_active_resources_total have the type gauge, and each of them is a problem;
#   - all other default metrics are fine; the gauges with the label `type` (nodejs_active_handles and so on) have the same numbers.
# Where it matters: `promtool check metrics` in a pipeline ends with code 3 for every program that serves these defaults, and rate() over a gauge
# that looks like a counter has no error, only a result without meaning.
# Needs node, npm and go.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save prom-client@15.1.3 >/dev/null
cat >expose.mjs <<'JS'
import client from 'prom-client'

client.collectDefaultMetrics()
process.stdout.write(await client.register.metrics(), () => process.exit())
JS
cat >go.mod <<'MOD'
module lint

go 1.23

require github.com/prometheus/client_golang v1.23.2
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func main() {
	problems, err := promlint.New(os.Stdin).Lint()
	if err != nil {
		panic(err)
	}
	for _, problem := range problems {
		fmt.Println(problem.Metric, problem.Text)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy >/dev/null 2>&1
go build -o lint .
node expose.mjs >metrics.prom
grep '^# TYPE nodejs_active_.*_total ' metrics.prom
seen=$(./lint <metrics.prom)
echo "$seen"
problem='non-counter metrics should not have "_total" suffix'
expected="nodejs_active_handles_total $problem
nodejs_active_requests_total $problem
nodejs_active_resources_total $problem"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
