#!/usr/bin/env bash
# Flux's health check takes a Job that failed for a success if its ttlSecondsAfterFinished has deleted it between two looks.
#
# Expected: a Job whose result is not known any more is no success; the check fails, or waits until its time-out.
# Seen with github.com/fluxcd/pkg/ssa v0.76.2 (WaitForSetWithContext, which kustomize-controller v1.9.6 calls every 5 seconds with failFast):
#   - a Job that has failed and is still there: "failed early due to stalled resources";
#   - a Job with ttlSecondsAfterFinished that runs at the first look, fails, and is deleted before the second: no error, the Kustomization
#     becomes Ready and what depends on it is applied;
#   - the same Job that succeeded gives the same answer: the two cannot be told apart;
#   - a Job without ttlSecondsAfterFinished that somebody deletes: a time-out.
# Where it matters: a Job as a gate between two Kustomizations. ttlSecondsAfterFinished has to be well above 5 seconds, and 0 lets every version pass.
# Takes about two minutes: it compiles Kubernetes' client.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod CGO_ENABLED=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/vanished
go 1.26.0
require (
	github.com/fluxcd/cli-utils v1.2.3
	github.com/fluxcd/pkg/runtime v0.110.3
	github.com/fluxcd/pkg/ssa v0.76.2
	k8s.io/api v0.36.4
	k8s.io/apimachinery v0.36.4
	k8s.io/client-go v0.36.4
	sigs.k8s.io/controller-runtime v0.24.1
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/clusterreader"
	"github.com/fluxcd/cli-utils/pkg/kstatus/polling/engine"
	"github.com/fluxcd/cli-utils/pkg/object"
	"github.com/fluxcd/pkg/runtime/statusreaders"
	"github.com/fluxcd/pkg/ssa"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

// A Job that runs, ends after a second, and is deleted a second later if its TTL or a user does so.
func wait(end batchv1.JobConditionType, hasTTL, isDeleted bool) string {
	ctx := context.Background()
	job := &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: "gate", Namespace: "default"},
		Status:     batchv1.JobStatus{StartTime: &metav1.Time{Time: time.Now()}, Active: 1},
	}
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "batch", Version: "v1"}})
	mapper.Add(schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}, meta.RESTScopeNamespace)
	client := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithRESTMapper(mapper).WithObjects(job).WithStatusSubresource(job).Build()
	go func() {
		time.Sleep(time.Second)
		job.Status = batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: end, Status: corev1.ConditionTrue}}}
		if err := client.Status().Update(ctx, job); err != nil {
			panic(err)
		}
		time.Sleep(time.Second)
		if isDeleted {
			if err := client.Delete(ctx, job); err != nil {
				panic(err)
			}
		}
	}()
	poller := polling.NewStatusPoller(client, mapper, polling.Options{
		// As kustomize-controller has it.
		ClusterReaderFactory: engine.ClusterReaderFactoryFunc(clusterreader.NewDirectClusterReader),
		CustomStatusReaders:  []engine.StatusReader{statusreaders.NewCustomJobStatusReader(mapper)},
	})
	manager := ssa.NewResourceManager(client, poller, ssa.Owner{Field: "example", Group: "example.test"})
	id := object.ObjMetadata{Name: "gate", Namespace: "default", GroupKind: schema.GroupKind{Group: "batch", Kind: "Job"}}
	options := ssa.WaitOptions{Interval: 5 * time.Second, Timeout: 12 * time.Second, FailFast: true}
	if hasTTL {
		options.JobsWithTTL = object.ObjMetadataSet{id}
	}
	err := manager.WaitForSetWithContext(ctx, object.ObjMetadataSet{id}, options)
	if err == nil {
		return "go on"
	}
	return strings.SplitN(err.Error(), ":", 2)[0]
}

func main() {
	fmt.Println("failed, still there:", wait(batchv1.JobFailed, true, false))
	fmt.Println("failed, deleted by its TTL:", wait(batchv1.JobFailed, true, true))
	fmt.Println("succeeded, deleted by its TTL:", wait(batchv1.JobComplete, true, true))
	fmt.Println("failed, deleted without a TTL:", wait(batchv1.JobFailed, false, true))
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run -trimpath -gcflags=all=-dwarf=false . 2>run.log) || { cat run.log; exit 1; }
echo "$seen"
expected='failed, still there: failed early due to stalled resources
failed, deleted by its TTL: go on
succeeded, deleted by its TTL: go on
failed, deleted without a TTL: timeout waiting for'
[ "$seen" = "$expected" ] || {
  echo "this has changed; expected:"
  echo "$expected"
  exit 1
}
