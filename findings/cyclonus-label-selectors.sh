#!/usr/bin/env bash
# Cyclonus takes `NotIn` for false where a pod has no such label, and `matchLabels: {key: ""}` for true: both are the opposite of Kubernetes.
#
# Expected: the label selectors of apimachinery, since Cyclonus predicts what a NetworkPolicy does and compares network plugins with that.
# Seen with github.com/mattfenwick/cyclonus v0.5.6 (pkg/matcher) and k8s.io/apimachinery v0.30.2, for the podSelector of a policy that denies:
#   - `NotIn [db]` selects a pod without the label for Kubernetes, and not for Cyclonus; with an empty value both select it;
#   - `matchLabels: {tier: ""}` selects only the pod whose label is there and empty; for Cyclonus it selects the pod without the label too;
#   - `In [""]`, which says the same as that, and `DoesNotExist` are the same in both.
# Where it matters: "all but the database" is written with NotIn. `cyclonus analyze` and its table of expected results then say that pods without
# the label are open (or, in a peer, cut off), and a plugin that follows Kubernetes is reported as wrong.
# The first run compiles the client libraries of Kubernetes 1.30, for some minutes.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/selectors
go 1.26.0
require (
	github.com/mattfenwick/cyclonus v0.5.6
	k8s.io/apimachinery v0.30.2
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// denied says whether Cyclonus counts the pod among those that the policy (which lets nothing in) is for.
func denied(selector meta.LabelSelector, podLabels map[string]string) bool {
	policy := networking.NetworkPolicy{
		ObjectMeta: meta.ObjectMeta{Namespace: "shop", Name: "deny"},
		Spec:       networking.NetworkPolicySpec{PodSelector: selector, PolicyTypes: []networking.PolicyType{networking.PolicyTypeIngress}},
	}
	peer := func(podLabels map[string]string) *matcher.TrafficPeer {
		return &matcher.TrafficPeer{IP: "192.0.2.1", Internal: &matcher.InternalPeer{Namespace: "shop", PodLabels: podLabels}}
	}
	traffic := matcher.Traffic{Source: peer(nil), Destination: peer(podLabels), ResolvedPort: 80, Protocol: core.ProtocolTCP}
	return !matcher.BuildNetworkPolicies(false, []*networking.NetworkPolicy{&policy}).IsTrafficAllowed(&traffic).IsAllowed()
}

func main() {
	for _, text := range []string{
		`matchExpressions: [{key: tier, operator: NotIn, values: [db]}]`,
		`matchLabels: {tier: ""}`,
		`matchExpressions: [{key: tier, operator: In, values: [""]}]`,
		`matchExpressions: [{key: tier, operator: DoesNotExist}]`,
	} {
		selector := meta.LabelSelector{}
		if err := yaml.Unmarshal([]byte(text), &selector); err != nil {
			panic(err)
		}
		kubernetes, err := meta.LabelSelectorAsSelector(&selector)
		if err != nil {
			panic(err)
		}
		fmt.Println(text)
		for _, podLabels := range []map[string]string{{}, {"tier": ""}, {"tier": "web"}, {"tier": "db"}} {
			fmt.Printf("  %v: Kubernetes %v, Cyclonus %v\n", podLabels, kubernetes.Matches(labels.Set(podLabels)), denied(selector, podLabels))
		}
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='matchExpressions: [{key: tier, operator: NotIn, values: [db]}]
  map[]: Kubernetes true, Cyclonus false
  map[tier:]: Kubernetes true, Cyclonus true
  map[tier:web]: Kubernetes true, Cyclonus true
  map[tier:db]: Kubernetes false, Cyclonus false
matchLabels: {tier: ""}
  map[]: Kubernetes false, Cyclonus true
  map[tier:]: Kubernetes true, Cyclonus true
  map[tier:web]: Kubernetes false, Cyclonus false
  map[tier:db]: Kubernetes false, Cyclonus false
matchExpressions: [{key: tier, operator: In, values: [""]}]
  map[]: Kubernetes false, Cyclonus false
  map[tier:]: Kubernetes true, Cyclonus true
  map[tier:web]: Kubernetes false, Cyclonus false
  map[tier:db]: Kubernetes false, Cyclonus false
matchExpressions: [{key: tier, operator: DoesNotExist}]
  map[]: Kubernetes true, Cyclonus true
  map[tier:]: Kubernetes false, Cyclonus false
  map[tier:web]: Kubernetes false, Cyclonus false
  map[tier:db]: Kubernetes false, Cyclonus false'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
