#!/usr/bin/env bash
# `format: hostname` in a CRD refuses web-0, the host name of every first pod of a StatefulSet, and takes 😀 for a host name.
#
# Expected: it takes what Kubernetes itself takes for the name of a host (IsDNS1123Subdomain), and perhaps capital letters and underscores as well.
# Seen with k8s.io/kube-openapi of Kubernetes 1.36.3 (pkg/validation/strfmt, which checks the formats of CRDs) and k8s.io/apimachinery 0.36.3:
#   - in a name without a dot a hyphen may stand after the first character alone: a-b is one, my-db and web-0 are none;
#   - the last label has two letters or more, and no digit and no hyphen: kubernetes.default is a host name, web.my-ns and db.zone1 are none;
#   - symbols (Unicode's category S, so $ + < = > as well) are letters: a=b and 😀 are host names.
# Where it matters: a field for the name of a Service or of a pod that is tried out with example.com and localhost. Write the pattern of RFC 1123
# or, where Kubernetes is new enough for it, the CEL library's format.dns1123Subdomain().validate(self).
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'MOD'
module example.test/hosts
go 1.26.0
require (
	k8s.io/apimachinery v0.36.3
	k8s.io/kube-openapi v0.0.0-20260317180543-43fb72c5454a
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

func main() {
	for _, host := range []string{
		"localhost", "example.com", "a-b.example.com", "a-b", "my-db", "web-0", "web-0.db.shop.svc.cluster.local",
		"kubernetes.default", "web.my-ns", "db.zone1", "a=b", "😀",
	} {
		format := strfmt.Default.Validates("hostname", host)
		subdomain := len(validation.IsDNS1123Subdomain(host)) == 0
		note := ""
		if format != subdomain {
			note = " <"
		}
		fmt.Printf("%s: format %t, DNS-1123 subdomain %t%s\n", host, format, subdomain, note)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
seen=$(go run .)
echo "$seen"
expected='localhost: format true, DNS-1123 subdomain true
example.com: format true, DNS-1123 subdomain true
a-b.example.com: format true, DNS-1123 subdomain true
a-b: format true, DNS-1123 subdomain true
my-db: format false, DNS-1123 subdomain true <
web-0: format false, DNS-1123 subdomain true <
web-0.db.shop.svc.cluster.local: format true, DNS-1123 subdomain true
kubernetes.default: format true, DNS-1123 subdomain true
web.my-ns: format false, DNS-1123 subdomain true <
db.zone1: format false, DNS-1123 subdomain true <
a=b: format true, DNS-1123 subdomain false <
😀: format true, DNS-1123 subdomain false <'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
