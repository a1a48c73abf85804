#!/usr/bin/env bash
# The Python client writes a Lease's time without its fraction when that is zero, and the API server's MicroTime refuses it.
#
# Expected: what the client makes of a datetime in UTC is read by the type of the field, whatever its microseconds are.
# Seen with the Python client kubernetes 37.0.2 (sanitize_for_serialization) and k8s.io/api v0.36.3 (coordination/v1, LeaseSpec):
#   - a renewTime with 5 microseconds is written as …00.000005+00:00 and read;
#   - with 0 microseconds it is …00+00:00 and refused: metav1.MicroTime wants six digits, and the RFC 3339 of metav1.Time none;
#   - with a fraction of three digits, as JavaScript's toISOString writes it, it is refused as well.
# Where it matters: a leader election or a heartbeat that rounds to seconds never gets its Lease, and one that does not fails once in a million
# renewals. Events (eventTime, series.lastObservedTime) have the same type.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pip install --quiet --root-user-action ignore --target python kubernetes==37.0.2 2>pip.log || { cat pip.log; exit 1; }

cat >write.py <<'PYTHON'
import datetime, json
from kubernetes import client
for microsecond in 5, 0, 120000:
    time = datetime.datetime(2026, 1, 1, microsecond=microsecond, tzinfo=datetime.timezone.utc)
    print(json.dumps(client.ApiClient().sanitize_for_serialization(client.V1LeaseSpec(renew_time=time))))
PYTHON
cat >go.mod <<'MOD'
module example.test/lease
go 1.26.0
require k8s.io/api v0.36.3
MOD
cat >main.go <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	coordination "k8s.io/api/coordination/v1"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		err := json.Unmarshal(lines.Bytes(), &coordination.LeaseSpec{})
		fmt.Println(lines.Text(), "read:", err == nil)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$({
  PYTHONPATH=python python3 write.py
  node -p 'JSON.stringify({ renewTime: new Date(Date.UTC(2026, 0, 1)) })'
} | go run .)
echo "$seen"
expected='{"renewTime": "2026-01-01T00:00:00.000005+00:00"} read: true
{"renewTime": "2026-01-01T00:00:00+00:00"} read: false
{"renewTime": "2026-01-01T00:00:00.120000+00:00"} read: true
{"renewTime":"2026-01-01T00:00:00.000Z"} read: false'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
