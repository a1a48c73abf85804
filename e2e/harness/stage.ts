import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { Failure } from "../process/failure.ts";
import { timedReport } from "../process/report.ts";
import { apply, deploy, objectsOf } from "../kube/deploy.ts";
import { sampleImages } from "./sampleImages.ts";
import { kubectl, load, read } from "./scenario.ts";
import { type Placeholders, withPlaceholders } from "./placeholders.ts";
import { type FolderStatus, folderStatusOf } from "./folderStatus.ts";
import { requestRun, waitForVerdict } from "../kube/connectivityTests.ts";

/** A scenario's folder in the cluster: its workloads run from before the first test until after the last one. */
export interface Stage {
  /** Applies a file of the folder: policies, as a rule. */
  apply(file: string): Promise<void>;
  /**
   * Runs the tests of `tests.yaml` and returns their reports: by creating them, and from then on by a request. One after
   * another, since other scenarios run at the same time, and pods that start all at once start late.
   */
  judge(): Promise<FolderStatus>;
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
 * side (standIns.ts), and the report of a test has the names of the folder again.
 */
export function stage(folder: string, { values = async () => ({}) }: StageOptions = {}): Stage {
  const suffix = `-${randomBytes(3).toString("hex")}`;
  let placeholders: Placeholders = { namespaces: {} };
  let judged = 0;
  const objects = async (file: string) => {
    const documents = await documentsOf(join(folder, file));
    return documents.map((object) => JSON.stringify(withPlaceholders(object, placeholders)));
  };
  const manifest = async (file: string) => (await objects(file)).join("\n---\n");

  beforeAll(async () => {
    const workloads = await documentsOf(join(folder, WORKLOADS));
    const namespaces = namespacesOf(workloads).map((name) => [name, `${name}${suffix}`] as const);
    placeholders = {
      namespaces: Object.fromEntries(namespaces),
      images: await sampleImages(workloads, { report: timedReport(), load }),
      values: await values(),
    };
    await deploy(kubectl, await manifest(WORKLOADS));
  }, PREPARING);

  afterAll(async () => {
    const names = Object.values(placeholders.namespaces);
    if (names.length > 0)
      await kubectl(["delete", "namespace", ...names, "--ignore-not-found", "--wait=false"]);
  });

  const namespace = (name: string) => `${name}${suffix}`;
  return {
    namespace,
    apply: async (file) => apply(kubectl, await manifest(file)),
    kubectl: async (name, args) => kubectl([`--namespace=${namespace(name)}`, ...args]),
    async judge() {
      const tests = await objects(TESTS);
      judged += 1;
      const reported = [];
      for (const test of tests) reported.push(await runOf(test, judged));
      return folderStatusOf(reported, suffix);
    },
  };
}

async function runOf(manifest: string, time: number): Promise<ConnectivityTest> {
  const [test] = objectsOf(manifest).map(({ metadata }) => metadata);
  if (test === undefined) throw new Failure(`no test in ${manifest}`);
  if (time === 1) {
    await apply(kubectl, manifest);
    return waitForVerdict(read, test);
  }
  const token = `judge-${time}`;
  await requestRun(kubectl, test, token);
  return waitForVerdict(read, test, { token });
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
