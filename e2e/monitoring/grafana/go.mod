// The schema of dashboards, as Grafana publishes it. `go mod tidy` writes go.sum.
module netverdict.dev/grafana

go 1.26.0

require github.com/grafana/grafana-foundation-sdk/go v0.0.22
