import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { timedReport } from "../cluster/report.ts";
import { apply, deploy, objectsOf } from "../install/deploy.ts";
import { sampleImages } from "./sampleImages.ts";
import { kubectl, load } from "./scenario.ts";
import { type StandIns, withStandIns } from "./standIns.ts";
import { type Told, toldBy } from "./told.ts";
import { requestRun, type TestName, waitForVerdict } from "./verdict.ts";

/** A scenario's folder in the cluster: its workloads run from before the first test until after the last one. */
export interface Stage {
  /** Applies a file of the folder: policies, as a rule. */
  apply(file: string): Promise<void>;
  /** Runs the tests of `tests.yaml` and gives what they tell: at once when they are new, else by a request. */
  judge(): Promise<Told>;
  /** What one of the folder's namespaces is called in the cluster. */
  namespace(name: string): string;
  /** kubectl in one of the folder's namespaces. */
  kubectl(namespace: string, args: readonly string[]): Promise<string>;
}

interface StageOptions {
  /** What the folder's files have in the place of a value that only the cluster knows. */
  readonly values?: () => Promise<Readonly<Record<string, string>>>;
}

const TESTS = "tests.yaml";
const WORKLOADS = "workloads.yaml";
/** In milliseconds: an image may have to be built first. */
const PREPARING = 600_000;

/**
 * Brings a folder on stage, as a user would with `kubectl apply -f`, and removes it afterwards. Its files name namespaces,
 * images and addresses as a reader expects them; what is applied has names of its own, so that scenarios can run side by
 * side (standIns.ts), and what a test tells has the names of the folder again.
 */
export function stage(folder: string, { values = async () => ({}) }: StageOptions = {}): Stage {
  const suffix = `-${randomBytes(3).toString("hex")}`;
  let standIns: StandIns = { namespaces: {} };
  let judged = 0;
  const read = async (file: string) => {
    const objects = await documentsOf(join(folder, file));
    return objects.map((object) => JSON.stringify(withStandIns(object, standIns))).join("\n---\n");
  };

  beforeAll(async () => {
    const workloads = await documentsOf(join(folder, WORKLOADS));
    const namespaces = namespacesOf(workloads).map((name) => [name, `${name}${suffix}`] as const);
    standIns = {
      namespaces: Object.fromEntries(namespaces),
      images: await sampleImages(workloads, { report: timedReport(), load }),
      values: await values(),
    };
    await deploy(kubectl, await read(WORKLOADS));
  }, PREPARING);

  afterAll(async () => {
    const names = Object.values(standIns.namespaces);
    if (names.length > 0)
      await kubectl(["delete", "namespace", ...names, "--ignore-not-found", "--wait=false"]);
  });

  const namespace = (name: string) => `${name}${suffix}`;
  return {
    namespace,
    apply: async (file) => apply(kubectl, await read(file)),
    kubectl: async (name, args) => kubectl([`--namespace=${namespace(name)}`, ...args]),
    async judge() {
      const manifest = await read(TESTS);
      const names = objectsOf(manifest).map(({ metadata }) => metadata);
      judged += 1;
      if (judged === 1) await apply(kubectl, manifest);
      const tests = await Promise.all(names.map(async (name) => runOf(name, judged)));
      return toldBy(tests, suffix);
    },
  };
}

async function runOf(test: TestName, time: number) {
  if (time === 1) return waitForVerdict(kubectl, test);
  const token = `judge-${time}`;
  await requestRun(kubectl, test, token);
  return waitForVerdict(kubectl, test, { token });
}

const objectSchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
type FolderObject = z.infer<typeof objectSchema>;

async function documentsOf(file: string): Promise<FolderObject[]> {
  return parseAllDocuments(await readFile(file, "utf8")).map((document) =>
    objectSchema.parse(document.toJS()),
  );
}

function namespacesOf(objects: readonly FolderObject[]): string[] {
  return objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
}
