#!/usr/bin/env bash
# Flagger sends the same body to a pre-rollout and to a rollback webhook: its "phase" is not that of the webhook.
#
# Expected: the "phase" of the body is the type of the webhook, such as pre-rollout, so that one receiver can serve several webhooks.
# Seen with flagger v1.36.1 (pkg/controller, with the fixtures of its own tests), for a Canary in the phase Progressing:
#   - pre-rollout, confirm-promotion and rollback webhooks get one and the same body, with "phase":"Progressing";
#   - a confirm-rollout webhook gets the phase that the Canary had before, so its body differs when it is asked again while it waits.
# Where it matters: 200 means "go on" for a pre-rollout webhook and "roll back" for a rollback webhook. A receiver cannot tell them
# apart unless the path of the URL or the metadata does.
# Takes about four minutes: it compiles Flagger's packages and their tests.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin CGO_ENABLED=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

module=$(GOFLAGS=-mod=mod go mod download -json github.com/fluxcd/flagger@v1.36.1 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
cp -r "$module" flagger
chmod -R u+w flagger
cd flagger
cat >pkg/controller/phase_of_webhooks_test.go <<'GO'
package controller

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	flaggerv1 "github.com/fluxcd/flagger/pkg/apis/flagger/v1beta1"
)

func TestPhaseOfWebhooks(t *testing.T) {
	bodies := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies[r.URL.Path] = string(body)
	}))
	defer server.Close()
	canary := newDeploymentTestCanary()
	canary.Spec.Analysis.Webhooks = nil
	types := []flaggerv1.HookType{
		flaggerv1.ConfirmRolloutHook, flaggerv1.PreRolloutHook, flaggerv1.ConfirmPromotionHook, flaggerv1.RollbackHook,
	}
	for _, hook := range types {
		canary.Spec.Analysis.Webhooks = append(canary.Spec.Analysis.Webhooks,
			flaggerv1.CanaryWebhook{Name: "a", Type: hook, URL: server.URL + "/" + string(hook)})
	}
	mocks := newDeploymentFixture(canary)
	canary.Status.Phase = flaggerv1.CanaryPhaseSucceeded
	mocks.ctrl.runConfirmRolloutHooks(canary, mocks.deployer)
	fmt.Println("confirm-rollout:", bodies["/confirm-rollout"])
	canary.Status.Phase = flaggerv1.CanaryPhaseProgressing
	mocks.ctrl.runPreRolloutHooks(canary)
	mocks.ctrl.runConfirmPromotionHooks(canary, mocks.deployer)
	mocks.ctrl.runRollbackHooks(canary, canary.Status.Phase)
	fmt.Println("pre-rollout:", bodies["/pre-rollout"])
	fmt.Println("confirm-promotion is equal:", bodies["/confirm-promotion"] == bodies["/pre-rollout"])
	fmt.Println("rollback is equal:", bodies["/rollback"] == bodies["/pre-rollout"])
}
GO
seen=$(go test -trimpath -gcflags=all=-dwarf=false -vet=off -run TestPhaseOfWebhooks -v ./pkg/controller 2>test.log | grep -E '^(confirm-|pre-rollout|rollback)' || { cat test.log; exit 1; })
echo "$seen"
expected='confirm-rollout: {"name":"podinfo","namespace":"default","phase":"Succeeded","checksum":"CHECKSUM"}
pre-rollout: {"name":"podinfo","namespace":"default","phase":"Progressing","checksum":"CHECKSUM"}
confirm-promotion is equal: true
rollback is equal: true'
[ "$(sed 's/"checksum":"[^"]*"/"checksum":"CHECKSUM"/' <<<"$seen")" = "$expected" ] || {
  echo "this has changed; expected:"
  echo "$expected"
  exit 1
}
