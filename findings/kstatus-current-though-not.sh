#!/usr/bin/env bash
# kstatus (Flux, Helm 4 --wait, kpt) takes objects for Current that have not come to what they are for, and one that speaks of an older generation.
#
# Expected: Failed for what has failed, InProgress for what its users cannot use yet or what was last seen in an older generation; that it
# reads of a custom resource no conditions but Ready, Stalled and Reconciling was known.
# Seen with sigs.k8s.io/cli-utils v0.37.2 (pkg/kstatus/status):
#   - Ready=True of generation 2 (the condition's observedGeneration) on an object of generation 3 is Current, for only status.observedGeneration
#     is compared; `kubectl wait --for=condition=Ready` looks at the condition's as well, and waits;
#   - a pod in phase Failed is Current, as is a Job whose pods have failed five times, until its condition Failed is there; one with
#     FailureTarget, which says that it will fail, is too;
#   - a Service of type LoadBalancer without an address is Current once it has a cluster address;
#   - where Stalled and Reconciling are both True, that which stands first in the list decides, though the order of conditions means nothing.
# Where it matters: a gate after `helm upgrade --wait` or a Flux health check. A controller whose conditions carry their own generation has to
# write status.observedGeneration too, or its old verdict passes for the new spec's.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/current
go 1.26.0
require sigs.k8s.io/cli-utils v0.37.2
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

const thing = `"apiVersion": "example.test/v1", "kind": "Thing", "metadata": {"name": "a", "generation": 3}`

func main() {
	for _, one := range [][2]string{
		{"Ready, generation behind in the condition", thing + `, "status": {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 2}]}`},
		{"Ready, generation behind in the status", thing + `, "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]}`},
		{"Stalled", thing + `, "status": {"conditions": [{"type": "Stalled", "status": "True"}]}`},
		{"Stalled, then Reconciling", thing + `, "status": {"conditions": [{"type": "Stalled", "status": "True"}, {"type": "Reconciling", "status": "True"}]}`},
		{"Reconciling, then Stalled", thing + `, "status": {"conditions": [{"type": "Reconciling", "status": "True"}, {"type": "Stalled", "status": "True"}]}`},
		{"pod that failed", `"apiVersion": "v1", "kind": "Pod", "spec": {"restartPolicy": "Never"}, "status": {"phase": "Failed"}`},
		{"Job with five failed pods", `"apiVersion": "batch/v1", "kind": "Job", "spec": {"completions": 1}, "status": {"startTime": "2026-01-01T00:00:00Z", "failed": 5}`},
		{"Job that is about to fail", `"apiVersion": "batch/v1", "kind": "Job", "spec": {"completions": 1}, "status": {"startTime": "2026-01-01T00:00:00Z", "failed": 1, "conditions": [{"type": "FailureTarget", "status": "True"}]}`},
		{"LoadBalancer without an address", `"apiVersion": "v1", "kind": "Service", "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.9"}, "status": {"loadBalancer": {}}`},
		{"claim that is not bound", `"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}`},
	} {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON([]byte("{" + one[1] + "}")); err != nil {
			panic(err)
		}
		result, err := status.Compute(object)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s\n", one[0], result.Status)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='Ready, generation behind in the condition: Current
Ready, generation behind in the status: InProgress
Stalled: Failed
Stalled, then Reconciling: Failed
Reconciling, then Stalled: InProgress
pod that failed: Current
Job with five failed pods: Current
Job that is about to fail: Current
LoadBalancer without an address: Current
claim that is not bound: InProgress'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
