// Command prometheus-operator reads an object of the Prometheus operator as JSON and ends with an error if its types do not know a
// field of it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = check(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(text []byte) error {
	var named struct{ APIVersion, Kind string }
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	object, isKnown := map[string]any{
		monitoring.ServiceMonitorsKind: &monitoring.ServiceMonitor{},
		monitoring.PrometheusRuleKind:  &monitoring.PrometheusRule{},
	}[named.Kind]
	if !isKnown || named.APIVersion != monitoring.SchemeGroupVersion.String() {
		return fmt.Errorf("%s %s: no such kind", named.APIVersion, named.Kind)
	}
	reader := json.NewDecoder(bytes.NewReader(text))
	reader.DisallowUnknownFields()
	return reader.Decode(object)
}
