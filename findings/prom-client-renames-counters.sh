#!/usr/bin/env bash
# prom-client renames a counter for good when it is once rendered as OpenMetrics: from then on the Prometheus format has it without `_total`.
#
# Expected: rendering does not change a metric; each format has the name that it had before, in every registry.
# Seen with prom-client 15.1.3:
#   - after one rendering as OpenMetrics `requests_total` is `requests` in the Prometheus format, in the same registry and in any other that
#     has the counter, and in getMetricsAsJSON;
#   - the counter's own `name` is `requests`, while getSingleMetric still knows it as `requests_total` alone;
#   - the sample in OpenMetrics is `requests_total` each time.
# Where it matters: a server that chooses the format by the Accept header. The first scraper that asks for OpenMetrics renames the series of all
# that ask for text, so `rate(requests_total[5m])` and its alerts have no data from then on, until the process starts again.
# Needs node and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save prom-client@15.1.3 >/dev/null

cat >render.mjs <<'JS'
import client from 'prom-client'

const registry = new client.Registry()
const other = new client.Registry()
const counter = new client.Counter({ name: 'requests_total', help: 'requests', registers: [registry, other] })
const samples = async (from) => (await from.metrics()).split('\n').filter((line) => line.startsWith('requests')).join()
const render = async (format) => {
  registry.setContentType(client.Registry[`${format}_CONTENT_TYPE`])
  console.log(`${format}: ${await samples(registry)}`)
}
counter.inc(3)
await render('PROMETHEUS')
await render('OPENMETRICS')
await render('PROMETHEUS')
await render('OPENMETRICS')
console.log(`other registry: ${await samples(other)}`)
console.log(`as JSON: ${(await registry.getMetricsAsJSON())[0].name}`)
console.log(`getSingleMetric('requests_total').name: ${registry.getSingleMetric('requests_total').name}`)
console.log(`getSingleMetric('requests'): ${registry.getSingleMetric('requests')}`)
JS
seen=$(node render.mjs)
echo "$seen"
expected="PROMETHEUS: requests_total 3
OPENMETRICS: requests_total 3
PROMETHEUS: requests 3
OPENMETRICS: requests_total 3
other registry: requests 3
as JSON: requests
getSingleMetric('requests_total').name: requests
getSingleMetric('requests'): undefined"
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
