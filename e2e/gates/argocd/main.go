// Command argocd reads objects as JSON, one per line, and writes the health that Argo CD has of each with the health script in the
// file that is its argument, one per line.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const maxLine = 1 << 20

func main() {
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	overrides := lua.ResourceHealthOverrides{
		"netverdict.dev/ConnectivityTest": v1alpha1.ResourceOverride{HealthLua: string(script)},
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(lines.Bytes()); err != nil {
			fail(err)
		}
		result, err := health.GetResourceHealth(object, overrides)
		if err != nil {
			fail(err)
		}
		if result == nil {
			fmt.Println("no health")
			continue
		}
		fmt.Println(result.Status)
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
