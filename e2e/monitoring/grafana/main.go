// Command grafana reads a dashboard as JSON and ends with an error if Grafana's own schema does not know a field of it, requires
// another one, or limits its value.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = errors.Join(checkDashboard(text), checkFields(text))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func checkDashboard(text []byte) error {
	read := dashboard.Dashboard{}
	if err := problem(read.UnmarshalJSONStrict(text)); err != nil {
		return err
	}
	return read.Validate()
}

// checkFields checks the fields of each panel, which the check of a whole dashboard reads without being strict.
func checkFields(text []byte) error {
	var read struct {
		Panels []struct {
			Title       string
			FieldConfig json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	var all []error
	for _, panel := range read.Panels {
		fields := dashboard.FieldConfigSource{}
		if err := problem(fields.UnmarshalJSONStrict(panel.FieldConfig)); err != nil {
			all = append(all, fmt.Errorf("%s: %w", panel.Title, err))
		}
	}
	return errors.Join(all...)
}

// problem returns nil for the error without a problem that UnmarshalJSONStrict returns for valid input
// (findings/grafana-sdk-strict-error-of-nothing.sh).
func problem(err error) error {
	if problems := (cog.BuildErrors{}); errors.As(err, &problems) && len(problems) == 0 {
		return nil
	}
	return err
}
