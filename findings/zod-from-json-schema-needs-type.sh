#!/usr/bin/env bash
# A JSON schema without `type` accepts everything in zod's fromJSONSchema: each of its other keywords is dropped without an error.
#
# Expected: a keyword applies to the instances that it is about, with or without `type` beside it (JSON Schema draft 2020-12, core, 7.6.1:
# "pattern" to texts, "minimum" to numbers, "required" to objects). So a part of an `allOf` may be {"pattern":"[1-9]"} alone, as the
# specification's own examples are. A converter that cannot do so throws, as fromJSONSchema does for `dependentRequired`.
# Seen with zod 4.6.7 beside ajv 8.17.1. Each line: the schema, an instance that violates it, and whether zod and ajv accept it.
# Where it matters: a schema of another program (Helm's values.schema.json, OpenAPI) that is read to check input. It parses, and checks less.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-save zod@4.6.7 ajv@8.17.1 >/dev/null
cat >check.cjs <<'JS'
const z = require("zod");
const Ajv = require("ajv/dist/2020");
const cases = [
  [{ pattern: "[1-9]" }, "0s"],
  [{ type: "string", pattern: "[1-9]" }, "0s"],
  [{ type: "string", allOf: [{ pattern: "[1-9]" }] }, "0s"],
  [{ minLength: 3 }, "ab"],
  [{ minimum: 3 }, 2],
  [{ multipleOf: 2 }, 3],
  [{ minItems: 1 }, []],
  [{ items: { type: "string" } }, [1]],
  [{ required: ["a"] }, {}],
  [{ properties: { a: { type: "string" } } }, { a: 1 }],
  [{ additionalProperties: false }, { a: 1 }],
  [{ type: "object", additionalProperties: false }, { a: 1 }],
];
const word = (accepts) => (accepts ? "accepts" : "rejects");
for (const [schema, instance] of cases) {
  const byZod = z.fromJSONSchema(schema).safeParse(instance).success;
  const byAjv = new Ajv({ strict: false }).compile(schema)(instance);
  console.log(JSON.stringify(schema), JSON.stringify(instance), word(byZod), word(byAjv));
}
JS
seen=$(node check.cjs)
echo "$seen"
expected='{"pattern":"[1-9]"} "0s" accepts rejects
{"type":"string","pattern":"[1-9]"} "0s" rejects rejects
{"type":"string","allOf":[{"pattern":"[1-9]"}]} "0s" accepts rejects
{"minLength":3} "ab" accepts rejects
{"minimum":3} 2 accepts rejects
{"multipleOf":2} 3 accepts rejects
{"minItems":1} [] accepts rejects
{"items":{"type":"string"}} [1] accepts rejects
{"required":["a"]} {} accepts rejects
{"properties":{"a":{"type":"string"}}} {"a":1} accepts rejects
{"additionalProperties":false} {"a":1} accepts rejects
{"type":"object","additionalProperties":false} {"a":1} rejects rejects'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
