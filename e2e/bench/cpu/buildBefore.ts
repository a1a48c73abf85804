import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { ConnectivityTest } from "../../../crds/connectivitytest.ts";
import type { ProbeRun } from "../../../crds/proberun/proberun.ts";
import type { PlanInput } from "../../../operator/planning/plan.ts";
import { withCommit } from "./commit.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The functions of another build, called with today's objects; both builds must read the same fields of them. */
export interface BuildBefore {
  /** What the operator does with the caches at each reconcile. `runs` and `pods` are those of the whole cluster. */
  see(
    test: ConnectivityTest,
    caches: { readonly runs: Iterable<unknown>; readonly pods: Iterable<unknown> },
  ): unknown;
  /** The input of `planRun`, with the names and the form of policies of that build. `policies` are as the API server lists them. */
  planInput(input: PlanInput, policies: readonly unknown[]): unknown;
  planRun(input: unknown): unknown;
  judge(run: ProbeRun, witness: ProbeRun): unknown;
}

/** Before 2c71e04 the policies of a snapshot were the NetworkPolicies. */
type FormerInput = Omit<PlanInput, "snapshot"> & {
  readonly snapshot: Omit<PlanInput["snapshot"], "policies"> & {
    readonly policies: ReadonlyMap<string, readonly unknown[]>;
  };
};

/** An export of another build: the files that have had it and its names there, newest first. */
type Places = readonly { readonly file: string; readonly name: string }[];

const SEE: Places = [
  { file: "operator/runs/testRuns.ts", name: "runsOfTest" },
  { file: "operator/runs/testRuns.ts", name: "see" },
  { file: "operator/seen.ts", name: "see" },
];
const PLAN: Places = [
  { file: "operator/planning/plan.ts", name: "planRun" },
  { file: "operator/plan.ts", name: "planRun" },
];
const JUDGE: Places = [
  { file: "operator/verdict/judge.ts", name: "judge" },
  { file: "operator/judge.ts", name: "judge" },
];

/** The folder since which a policy of any kind is read in the form of `policy.ts`. */
const ONE_FORM_OF_POLICIES = "operator/cluster/policies/policy.ts";
const POLICY_SCHEMAS = [
  "operator/cluster/policies/networkPolicy.ts",
  "operator/cluster/networkPolicy.ts",
  "operator/networkPolicy.ts",
].map((file) => ({ file, name: "networkPolicySchema" }));

const policySchema = z.custom<z.ZodType>((value) => value instanceof z.ZodType);
const objectOfNamespace = z.looseObject({ metadata: z.looseObject({ namespace: z.string() }) });

const isFunction = (value: unknown): value is (...given: readonly unknown[]) => unknown =>
  typeof value === "function";
const callable = z.custom<(...given: readonly unknown[]) => unknown>(isFunction);

/** Loads the build of a commit from a folder of its own, with today's packages, and removes the folder after `use`. */
export async function withBuildBefore<Result>(
  revision: string,
  use: (build: BuildBefore) => Promise<Result>,
): Promise<Result> {
  return withCommit(revision, ["crds", "probes", "operator", "package.json"], async (folder) => {
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const see = await load(folder, SEE, callable);
    const planRun = await load(folder, PLAN, callable);
    const judge = await load(folder, JUDGE, callable);
    const policy = await load(folder, POLICY_SCHEMAS, policySchema);
    const hasOneForm = existsSync(join(folder, ONE_FORM_OF_POLICIES));
    return await use({
      see: (test, caches) => see(test, caches),
      planInput: (input, raw) =>
        withFormerNames(
          hasOneForm ? input : { ...input, snapshot: { ...input.snapshot, policies: parsed(raw, policy) } },
        ),
      planRun: (input) => planRun(input),
      judge: (run, witness) => judge(run, witness),
    });
  });
}

/** The policies by namespace, in the form in which that build reads them. */
function parsed(raw: readonly unknown[], schema: z.ZodType): ReadonlyMap<string, readonly unknown[]> {
  return Map.groupBy(
    raw.map((policy) => objectOfNamespace.parse(schema.parse(policy))),
    ({ metadata }) => metadata.namespace,
  );
}

/** Before 23220c8 a snapshot was `surroundings` with `rules`. Before a81c458 the id stood beside a `due`; now both are in `run`. */
function withFormerNames(input: FormerInput) {
  const { run, snapshot } = input;
  const surroundings = { ...snapshot, rules: snapshot.namespaceLimits };
  return { ...input, surroundings, id: run.id, due: { ...run, key: "" } };
}

async function load<Value>(folder: string, places: Places, schema: z.ZodType<Value>): Promise<Value> {
  for (const { file, name } of places) {
    if (!existsSync(join(folder, file))) continue;
    const module: unknown = await import(pathToFileURL(join(folder, file)).href);
    const found = schema.safeParse(z.looseObject({}).parse({ ...z.looseObject({}).parse(module) })[name]);
    if (found.success) return found.data;
  }
  const names = places.map(({ file, name }) => `${name} of ${file}`);
  throw new Error(`the build before has none of ${names.join(", ")}`);
}
