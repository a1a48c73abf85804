import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { filledMetrics } from "../testing/filledMetrics.ts";
import { createMetrics, type Metrics, type Observed } from "./metrics.ts";

const BUILD = { version: "1.2.3", nodeVersion: "24.0.0" };
const ROOT = join(import.meta.dirname, "../..");

let metrics: Metrics;
let observed: Observed;
beforeEach(() => {
  metrics = createMetrics(BUILD);
  observed = {
    isLeading: () => true,
    tests: () => [],
    pods: () => [],
    queueDepth: () => 3,
    queuedRuns: () => 12,
    runsInProgress: () => 7,
    podsInProgress: () => 20,
  };
  metrics.observe(observed);
});

/** The lines of the operator's own metrics; those of the process differ from one to the next. */
async function ownLines(of: Metrics): Promise<string[]> {
  const { text } = await of.expose();
  return text.split("\n").filter((line) => /^(?:# (?:HELP|TYPE) )?netverdict_/.test(line));
}

const series = async (name: string) => (await ownLines(metrics)).filter((line) => line.startsWith(name));

it("has exactly the names, help texts, types and labels of the golden file", async () => {
  const lines = await ownLines(filledMetrics());
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("testdata/metrics.prom");
});

it("has the process metrics that dashboards expect", async () => {
  const { text } = await metrics.expose();
  expect(text).toMatch(/^process_cpu_seconds_total \d/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
});

describe("docs/metrics.md", () => {
  it("has a table with every metric, its type, its labels and its help text, and no others", async () => {
    const lines = await ownLines(filledMetrics());
    const page = readFileSync(join(ROOT, "docs/metrics.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `netverdict_"));
    expect(rows.toSorted()).toEqual(rowsOf(lines).toSorted());
  });
});

/** A row of the table for each metric: its name, type, labels and help text. */
function rowsOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (name === "") return [];
    const type = lines.find((other) => other.startsWith(`# TYPE ${name} `))?.split(" ")[3] ?? "";
    const sample = lines.find((other) => new RegExp(`^${name}(?:_bucket)?[{ ]`).test(other)) ?? "";
    const labels = Array.from(sample.matchAll(/[{,](\w+)=/g), ([, label = ""]) => label);
    const shown = labels.filter((label) => label !== "le").map((label) => `\`${label}\``);
    return [`| \`${name}\` | ${type} | ${shown.join(" ")} | ${help} |`.replaceAll("  ", " ")];
  });
}

it("has no tests and pods of a replica that stands by, and says that it does not lead", async () => {
  const tests = () => [{ metadata: { namespace: "shop", name: "web" }, status: {} }];
  const pods = () => [{ metadata: { name: "probe-ui-k3f9qxbc-1" }, phase: "Running" }];
  const shown = async () => [
    ...(await series("netverdict_leader ")),
    ...(await series('netverdict_pods{role="probe",phase="Running"}')),
    ...(await series("netverdict_test_verdict{")),
  ];
  metrics.observe({ ...observed, tests, pods });
  expect(await shown()).toHaveLength(2 + 4);
  metrics.observe({ ...observed, tests, pods, isLeading: () => false });
  expect(await shown()).toEqual(["netverdict_leader 0", 'netverdict_pods{role="probe",phase="Running"} 0']);
});

it.each([
  ["probe-ui-k3f9qxbc-1", "Running", 'role="probe",phase="Running"'],
  ["witness-node-1-k3f9qxbc-again-1", "Failed", 'role="witness",phase="Failed"'],
  ["probe-ui-k3f9qxbc-1", "", 'role="probe",phase="Pending"'],
  ["probe-ui-k3f9qxbc-1", "Stalled", 'role="probe",phase="Unknown"'],
])("counts the pod %s in the phase '%s' in one series alone", async (name, phase, labels) => {
  metrics.observe({ ...observed, pods: () => [{ metadata: { name }, phase }] });
  const lines = await series("netverdict_pods{");
  expect(lines).toHaveLength(10);
  expect(lines.filter((line) => !line.endsWith(" 0"))).toEqual([`netverdict_pods{${labels}} 1`]);
  // Read again, and not added to the scrape before.
  expect(await series("netverdict_pods{")).toEqual(lines);
});

it("has a registry for each, so that two do not disturb each other", async () => {
  metrics.reconcileFailed();
  const lines = await ownLines(createMetrics(BUILD));
  expect(lines).toContain("netverdict_reconcile_errors_total 0");
});
