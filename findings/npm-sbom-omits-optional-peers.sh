#!/usr/bin/env bash
# `npm sbom --omit=dev` leaves out a production dependency that is also an optional peer of a development dependency.
#
# Expected: the bill of materials has what `npm ls --omit=dev` lists, because both read the same tree with the same option.
# Seen with npm 11.19.1, for a package with `yaml` in dependencies and postcss-load-config, which has `yaml` as an optional peer, in
# devDependencies:
#   - `npm ls --omit=dev` lists yaml, and so does cyclonedx-npm 6.0.1 with the same option;
#   - `npm sbom --omit=dev` lists no package, in CycloneDX and in SPDX;
#   - without `--omit` it lists yaml, and does not mark it as a development dependency;
#   - without the development dependency in package.json, `npm sbom --omit=dev` lists yaml.
# Where it matters: a release that ships this bill. A scanner reads it and finds nothing to report about a library that is in the product.
# Needs npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --ignore-scripts --prefix tools npm@11.19.1 @cyclonedx/cyclonedx-npm@6.0.1 >/dev/null
npm11() { node "$folder/tools/node_modules/npm/bin/npm-cli.js" "$@" 2>/dev/null; }
project() {
  mkdir "$1" && cd "$1"
  echo "{\"name\":\"product\",\"version\":\"1.0.0\",\"dependencies\":{\"yaml\":\"2.8.1\"}$2}" >package.json
  npm11 install --silent --no-audit --no-fund >/dev/null
}
cat >names.cjs <<'JS'
const text = require('node:fs').readFileSync(0, 'utf8')
const { components, packages } = JSON.parse(text)
const isDevelopment = ({ properties = [] }) => properties.some(({ name, value }) => name.endsWith(':development') && value === 'true')
const names = (components ?? packages).filter(({ name }) => name !== 'product')
console.log(names.map((each) => each.name + (isDevelopment(each) ? ' (development)' : '')).sort().join(', ') || 'nothing')
JS
names() { node "$folder/names.cjs"; }
seen=$(
  (
    project both ',"devDependencies":{"postcss-load-config":"6.0.1"}'
    echo "npm ls --omit=dev: $(npm11 ls --omit=dev --parseable | grep -o 'node_modules/.*' | cut -d/ -f2)"
    echo "npm sbom --omit=dev, CycloneDX: $(npm11 sbom --omit=dev --sbom-format=cyclonedx | names)"
    echo "npm sbom --omit=dev, SPDX: $(npm11 sbom --omit=dev --sbom-format=spdx | names)"
    echo "npm sbom: $(npm11 sbom --sbom-format=cyclonedx | names)"
    echo "cyclonedx-npm --omit dev: $("$folder/tools/node_modules/.bin/cyclonedx-npm" --omit dev 2>/dev/null | names)"
  )
  (
    project production ''
    echo "npm sbom --omit=dev without the development dependency: $(npm11 sbom --omit=dev --sbom-format=cyclonedx | names)"
  )
)
echo "$seen"
expected='npm ls --omit=dev: yaml
npm sbom --omit=dev, CycloneDX: nothing
npm sbom --omit=dev, SPDX: nothing
npm sbom: lilconfig (development), postcss-load-config (development), yaml
cyclonedx-npm --omit dev: yaml
npm sbom --omit=dev without the development dependency: yaml'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
