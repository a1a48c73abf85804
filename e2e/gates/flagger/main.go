// Command flagger calls webhooks as Flagger does: it reads Canaries as JSON, one per line, calls the first webhook of each, and writes
// "goes on" or "halts" for each, one per line; to standard error, the message of the event.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/flagger/pkg/apis/flagger/v1beta1"
	"github.com/fluxcd/flagger/pkg/controller"
)

const maxLine = 1 << 20

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var canary v1beta1.Canary
		if err := json.Unmarshal(lines.Bytes(), &canary); err != nil {
			fail(err)
		}
		// Flagger sends this phase for hooks of each type that a gate may answer.
		err := controller.CallWebhook(canary, v1beta1.CanaryPhaseProgressing, canary.Spec.Analysis.Webhooks[0])
		if err == nil {
			fmt.Println("goes on")
			continue
		}
		fmt.Println("halts")
		fmt.Fprintln(os.Stderr, err)
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
