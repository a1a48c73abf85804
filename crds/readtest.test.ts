import { describe, expect, it } from "vitest";
import { connectivityTestSchema, type ConnectivityTestStatus } from "./connectivitytest.ts";
import { structuralSchema, type SchemaNode } from "./generator/schema.ts";
import { readTest } from "./readtest.ts";

const TIME = "2026-11-21T12:00:00Z";
const spec = {
  expectations: [
    {
      name: "a",
      from: { podSelector: { matchLabels: { app: "ui" } } },
      to: { service: { name: "web" } },
      tcp: { port: 80 },
      expect: "Denied",
    },
  ],
};
/** With every enum that a status may have. */
const status = {
  observedGeneration: 1,
  verdict: "Failed",
  summary: { total: 1, passed: 0, failed: 1, inconclusive: 0, text: "0/1" },
  message: "a: as seen",
  run: { id: "k3f9q", trigger: "Generation", startedAt: TIME, finishedAt: TIME, generation: 1 },
  lastHandledRequest: "token",
  handledRequests: [
    {
      token: "token",
      verdict: "Failed",
      reason: "Open",
      message: "as seen",
      run: "k3f9q",
      generation: 1,
      finishedAt: TIME,
    },
  ],
  expectations: [
    {
      name: "a",
      expected: "Denied",
      actual: "Allowed",
      verdict: "Failed",
      reason: "Open",
      message: "as seen",
      lastTransitionTime: TIME,
      pathCount: 1,
      paths: [
        {
          from: "Deployment/ui",
          to: "Service/web",
          address: "10.96.0.1:80",
          verdict: "Failed",
          reason: "Open",
          actual: "Allowed",
          outcome: "Connected",
          samples: "CCC",
          proof: { target: "None", source: "None", link: "None" },
        },
      ],
    },
  ],
  queued: { since: TIME, waitsFor: "EarlierRuns" },
  history: [{ id: "k3f9q", verdict: "Failed", finishedAt: TIME, text: "0/1" }],
  conditions: [
    { type: "Passed", status: "False", reason: "Open", message: "as seen", lastTransitionTime: TIME },
  ],
} satisfies ConnectivityTestStatus;

const read = (stored: unknown, of: unknown = spec) =>
  readTest(connectivityTestSchema, {
    metadata: { name: "net", namespace: "shop" },
    spec: of,
    status: stored,
  });

/** Where the schema has an enum, as `run.trigger`; the first element stands for a list. */
function enumsOf({ enum: words, properties = {}, items }: SchemaNode, path = ""): string[] {
  return [
    ...(words === undefined ? [] : [path.slice(1)]),
    ...Object.entries(properties).flatMap(([name, node]) => enumsOf(node, `${path}.${name}`)),
    ...(items === undefined ? [] : enumsOf(items, `${path}.0`)),
  ];
}

/** The value with what stands at the path replaced; throws if nothing stands there. */
function replaced(value: unknown, [field, ...rest]: readonly string[], by: string): unknown {
  if (field === undefined) return by;
  if (Array.isArray(value))
    return value.map((one: unknown, index) => (String(index) === field ? replaced(one, rest, by) : one));
  const entries = Object.entries(value ?? {});
  if (!entries.some(([name]) => name === field)) throw new Error(`the sample has no ${field}`);
  return Object.fromEntries(
    entries.map(([name, one]: [string, unknown]) => [name, name === field ? replaced(one, rest, by) : one]),
  );
}

const enums = enumsOf(structuralSchema(connectivityTestSchema.shape.status));

describe("a stored status", () => {
  it("is read as it was written", () => {
    expect(read(status)).toMatchObject({ status });
    expect(read(status).status).toEqual(status);
  });

  it("is read with the present name of a proof where it has the former one, and its texts stay as they are", () => {
    const stored = (link: string) =>
      replaced(
        replaced(status, ["message"], 'as {"link":"Fabric"} said'),
        ["expectations", "0", "paths", "0", "proof", "link"],
        link,
      );
    expect(read(stored("Fabric")).status).toEqual(stored("LinkWitness"));
  });

  it.each(enums)("survives a word of another version at %s", (at) => {
    const path = at.split(".");
    const kept = path.at(-1) === "verdict" ? "Inconclusive" : "NotYetKnown";
    expect(read(replaced(status, path, "NotYetKnown")).status).toEqual(replaced(status, path, kept));
  });

  it.each([
    ["message", "x".repeat(1_025), ["message"]],
    ["history", "none", ["history"]],
    ["run.generation", "one", ["run", "expectations"]],
    ["expectations.0.pathCount", "many", ["run", "expectations"]],
  ])("loses what cannot be read of it, and nothing else: %s", (at, value, lost) => {
    const kept = Object.fromEntries(Object.entries(status).filter(([field]) => !lost.includes(field)));
    expect(read(replaced(status, at.split("."), value)).status).toEqual(kept);
  });

  it.each([undefined, null, "nonsense", 7])(
    "that is %s is one of a test that the operator has not read yet",
    (stored) => {
      expect(read(stored).status.observedGeneration).toBe(-1);
    },
  );
});

it("a test that has neither spec nor status yet is read", () => {
  const test = readTest(connectivityTestSchema, { metadata: { name: "net" } });
  expect(test).toMatchObject({
    status: { observedGeneration: -1, verdict: "Pending" },
    spec: { suspend: true },
  });
  expect(test).toHaveProperty("unreadable");
});

describe("a stored spec", () => {
  it("that can be read is no marked one", () => {
    expect(read(status)).not.toHaveProperty("unreadable");
  });

  it("that cannot be read asks for nothing, and says why", () => {
    const newer = { ...spec, rerunOn: ["NodeChange"] };
    const test = read(status, newer);
    expect(test).toMatchObject({
      spec: { expectations: [], suspend: true },
      status,
      unreadable: { spec: newer },
    });
    expect(test.unreadable?.error.issues[0]?.path).toEqual(["rerunOn", 0]);
  });
});
