import { expect, it } from "vitest";
import type { ProbeRun } from "../../crds/proberun/proberun.ts";
import { plannedRun } from "../testing/plannedRun.ts";
import { podDemandsOf } from "./podDemand.ts";

type Pod = Partial<ProbeRun["spec"]["pods"][number]>;

/** The demands of a run of one probe pod with so many checks. */
function demandsOf(checks: number, pod: Pod = {}, path: Partial<ProbeRun["spec"]["paths"][number]> = {}) {
  const { metadata, spec } = plannedRun({ "probe-ui": checks });
  const pods = spec.pods.map((planned) => ({ ...planned, ...pod }));
  const paths = spec.paths.map((planned) => ({ ...planned, ...path }));
  return podDemandsOf({ metadata, spec: { ...spec, pods, paths } });
}

const twinOn = (nodeName: string): Pod => ({
  twin: {
    labels: {},
    annotations: {},
    serviceAccountName: "default",
    imagePullSecrets: [],
    tolerations: [],
    hostAliases: [],
    nodeName,
  },
});

it("a pod counts with the CPU that it requests", () => {
  expect(demandsOf(1)).toEqual([{ name: "probe-ui", node: undefined, cpu: 15 }]);
  expect(demandsOf(24)).toEqual([{ name: "probe-ui", node: undefined, cpu: 130 }]);
  const resources = { requests: { cpu: "0.25", memory: "64Mi" }, limits: {} };
  expect(demandsOf(1, { resources })).toEqual([{ name: "probe-ui", node: undefined, cpu: 250 }]);
});

it("counts on the node that it prefers, unless it must not run there", () => {
  expect(demandsOf(1, twinOn("node-2"))).toEqual([{ name: "probe-ui", node: "node-2", cpu: 15 }]);
  expect(demandsOf(1, { ...twinOn("node-2"), awayFrom: ["node-2"] })).toEqual([
    { name: "probe-ui", node: undefined, cpu: 15 },
  ]);
});

it("the witnesses of a run count on their nodes", () => {
  const [probe, witness] = demandsOf(2, twinOn("node-1"), { expect: "Denied", witness: "node-2" });
  expect(probe).toEqual({ name: "probe-ui", node: "node-1", cpu: 20 });
  expect(witness).toMatchObject({ node: "node-2", cpu: 15 });
  expect(witness?.name).toMatch(/^witness-/);
});
