import type { z } from "zod";
import { probingSchema, type Probing } from "../../crds/connectivitytest.ts";
import {
  type backendSchema,
  probeRunSpecSchema,
  probeRunStatusSchema,
  type Finding,
  type PlannedPath,
  type PlannedPod,
  type PodStatus,
  type Result,
  type SourceDifference,
  type TargetChange,
} from "../../crds/proberun/proberun.ts";
import type { RunRecord } from "../verdict/evidence.ts";
import { BEGAN, later } from "./objects.ts";

/** Runs that have ended, made up from what their paths saw: sound unless a test says otherwise. */

export interface PathSketch extends Partial<Omit<PlannedPath, "check" | "backends">> {
  readonly check?: Partial<PlannedPath["check"]>;
  readonly backends?: readonly z.input<typeof backendSchema>[];
  /** Default: the probe reported nothing for this path. */
  readonly samples?: string;
  readonly result?: Partial<Result>;
}

export interface RunSketch {
  readonly paths?: readonly PathSketch[];
  readonly findings?: readonly Finding[];
  /** Left out: those of the paths, in their order. */
  readonly expectations?: readonly (Pick<PlannedPath, "expect"> & { readonly name: string })[];
  readonly probing?: Partial<Probing>;
  /** What is known of a probe pod, by its name; left out: it has run on the node `near`, whose clock is right. */
  readonly pods?: Readonly<Record<string, Partial<PodStatus>>>;
  /** What was planned for a probe pod beside that, by its name. */
  readonly planned?: Readonly<Record<string, Partial<PlannedPod>>>;
  readonly sourceNodes?: number;
  /** The result of the target recheck. Default: none. */
  readonly changes?: readonly Partial<TargetChange>[];
  /** What the comparison of sources with their twins has found. Default: they were not compared. */
  readonly sourceDifferences?: readonly SourceDifference[];
}

/** The clock of a node that is exactly the operator's. */
export const EXACT: NonNullable<PodStatus["clock"]> = { observer: "operator", minOffset: 0, maxOffset: 0 };

/** A pod named `mysql` on the node `far`. */
export const mysql = { name: "mysql", uid: "uid-mysql", node: "far" };

/** The path that most tests are about: Deployment/orders to Service/mysql at 10.1.0.2:3306, one pod on the node `far`. */
function planned(sketch: PathSketch, index: number) {
  const id = sketch.id ?? index;
  return {
    expectation: "orders-mysql",
    expect: "Denied",
    from: "Deployment/orders",
    to: "Service/mysql",
    kind: "Endpoint",
    pod: "probe-orders",
    backends: [mysql],
    backendCount: 1,
    ...sketch,
    id,
    check: { path: id, tool: "tcp", family: "IPv4", address: "10.1.0.2", port: 3306, ...sketch.check },
  };
}

export function runOf(sketch: RunSketch): RunRecord {
  const paths = (sketch.paths ?? []).map(planned);
  const names = [...new Set(paths.map(({ pod }) => pod))];
  const expectations =
    sketch.expectations ??
    [...new Map(paths.map(({ expectation, expect }) => [expectation, expect]))].map(([name, expect]) => ({
      name,
      expect,
    }));
  return {
    spec: probeRunSpecSchema.parse({
      test: { kind: "ConnectivityTest", name: "shop", uid: "uid-shop" },
      run: { id: "k3f9q", trigger: "Generation", generation: 1, followUp: false },
      probing: probingSchema.parse(sketch.probing ?? {}),
      expectations,
      pods: names.map((name) => ({
        name,
        source: paths.find(({ pod }) => pod === name)?.from ?? "",
        sourcePod: { name: `${name}-original`, uid: `uid-${name}` },
        sourceNodes: sketch.sourceNodes ?? 1,
        twin: { labels: {}, serviceAccountName: "default" },
        ...sketch.planned?.[name],
      })),
      paths,
      findings: sketch.findings ?? [],
    }),
    status: probeRunStatusSchema.parse({
      phase: "Finished",
      pods: names.map((name) => ({
        name,
        phase: "Finished",
        node: "near",
        roundsStartedAt: BEGAN,
        clock: EXACT,
        ...sketch.pods?.[name],
      })),
      ...(sketch.changes && {
        targets: {
          recheckedAt: later(20_000).toISOString(),
          changes: sketch.changes.map((change) => ({
            expectation: "orders-mysql",
            change: "Gone",
            name: "mysql",
            ...change,
          })),
        },
      }),
      ...(sketch.sourceDifferences && {
        sources: { comparedAt: later(20_000).toISOString(), differences: sketch.sourceDifferences },
      }),
      results: (sketch.paths ?? []).flatMap(({ samples, result, id }, index) =>
        samples === undefined ? [] : [{ path: id ?? index, samples, ...result }],
      ),
    }),
  };
}

/** The same source reaches a pod on the same far node: this proves the source and the link. */
export const liveSource: PathSketch = {
  expectation: "orders-catalog",
  expect: "Allowed",
  to: "Service/catalog",
  backends: [{ name: "catalog", uid: "uid-catalog", node: "far" }],
  check: { tool: "http", address: "10.1.0.3", port: 80, provesSource: true },
  samples: "AAAAA",
};

/** Another source reaches the target itself, from a third node. */
export const targetAlive: PathSketch = {
  expectation: "catalog-mysql",
  expect: "Allowed",
  from: "Deployment/catalog",
  pod: "probe-catalog",
  samples: "CCCCC",
};

/** The node reached a probe pod from `first` to `last`, in milliseconds since its rounds began. */
export const contacted = (first: number, last: number): Pick<PodStatus, "contact"> => ({
  contact: { address: "192.0.2.11", first: later(first).toISOString(), last: later(last).toISOString() },
});

/** Where the probe pods of the paths above have run. */
export const apart = { "probe-catalog": { node: "third" } };

/** On the node `far`, where the target of the path that most tests are about is. */
const asked: PathSketch = {
  expectation: "witness",
  expect: "Allowed",
  from: "Node/far",
  kind: "Address",
  pod: "witness-far",
  backends: [],
  samples: "CCCCCCCC",
};

/** A run of witnesses: each path is the bare target of `runOf`, reached in all eight rounds, unless said otherwise. */
export function witnessesOf({ paths = [], pods = {}, ...sketch }: RunSketch): RunRecord {
  return runOf({
    probing: { deniedRounds: 2 },
    ...sketch,
    paths: paths.map((path) => ({ ...asked, ...path })),
    pods: { "witness-far": { node: "far" }, ...pods },
  });
}
