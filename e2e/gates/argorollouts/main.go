// Command argorollouts measures as Argo Rollouts does: it reads metrics of the AnalysisTemplates with their arguments as JSON, one per
// line, and writes the phase of the measurement of each, one per line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/argoproj/argo-rollouts/metricproviders/webmetric"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/analysis"
	log "github.com/sirupsen/logrus"
)

const maxLine = 1 << 20

type question struct {
	Template v1alpha1.AnalysisTemplate `json:"template"`
	Args     []v1alpha1.Argument       `json:"args"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fail(err)
		}
		measurement, err := measure(asked)
		if err != nil {
			fail(err)
		}
		fmt.Println(measurement.Phase)
		fmt.Fprintln(os.Stderr, measurement.Phase, measurement.Value, measurement.Message)
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

// measure does what the controller does for the first measurement of the first metric.
func measure(asked question) (v1alpha1.Measurement, error) {
	none := v1alpha1.Measurement{}
	metrics := asked.Template.Spec.Metrics
	if err := analysis.ValidateMetrics(metrics); err != nil {
		return none, err
	}
	args, err := analysis.MergeArgs(asked.Args, asked.Template.Spec.Args)
	if err != nil {
		return none, err
	}
	metric, err := analysis.ResolveMetricArgs(metrics[0], args)
	if err != nil {
		return none, err
	}
	client, err := webmetric.NewWebMetricHttpClient(*metric)
	if err != nil {
		return none, err
	}
	parser, err := webmetric.NewWebMetricJsonParser(*metric)
	if err != nil {
		return none, err
	}
	logger := log.New()
	logger.SetOutput(os.Stderr)
	provider := webmetric.NewWebMetricProvider(*log.NewEntry(logger), client, parser)
	return provider.Run(&v1alpha1.AnalysisRun{}, *metric), nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
