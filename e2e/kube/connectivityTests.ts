import { stringify } from "yaml";
import { z } from "zod";

import {
  clusterConnectivityTestSchema,
  type ConnectivityTest,
  connectivityTestSchema,
  kindOf,
} from "../../crds/connectivitytest.ts";
import { CONNECTIVITY_TEST, GROUP, RUN_REQUESTED } from "../../crds/group.ts";
import { connectivityTestPath, connectivityTestsPath } from "../../operator/runtime/resourcePaths.ts";
import { Failure } from "../process/failure.ts";
import { until } from "../process/until.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Read } from "./read.ts";

/** ConnectivityTests as kubectl names them without doubt, independent of other API groups of a cluster. */
export const TESTS = `${CONNECTIVITY_TEST.plural}.${GROUP}`;

export interface TestName {
  /** "": a ClusterConnectivityTest. */
  readonly namespace: string;
  readonly name: string;
}

/** The test as arguments of kubectl. */
export function named({ namespace, name }: TestName): string[] {
  const resource = `${kindOf({ metadata: { namespace } }).plural}.${GROUP}`;
  return [resource, name, ...(namespace === "" ? [] : [`--namespace=${namespace}`])];
}

const testListSchema = z.object({ items: z.array(connectivityTestSchema) });

interface Waiting {
  /** Wait for the run that was requested with it; left out: for the first run of the present spec. */
  readonly token?: string;
  readonly seconds?: number;
  /** How often the test is read. */
  readonly everyMs?: number;
}

/** The test as the cluster has it now. */
export async function readTest(read: Read, { namespace, name }: TestName): Promise<ConnectivityTest> {
  const raw: unknown = JSON.parse(await read(connectivityTestPath(namespace, name)));
  return namespace === "" ? clusterConnectivityTestSchema.parse(raw) : connectivityTestSchema.parse(raw);
}

/** The ConnectivityTests of a namespace. */
export async function testsIn(read: Read, namespace: string): Promise<ConnectivityTest[]> {
  const { items } = testListSchema.parse(JSON.parse(await read(connectivityTestsPath(namespace))));
  return items;
}

/** Asks for a run now; the status answers with the token once that run has ended. */
export async function requestRun(kubectl: Kubectl, test: TestName, token: string): Promise<void> {
  await kubectl(["annotate", "--overwrite", ...named(test), `${RUN_REQUESTED}=${token}`]);
}

/** Waits for the run of a token and its verdict, by the command of the README. Resolves to what kubectl writes. */
export async function waitForToken(
  kubectl: Kubectl,
  test: TestName,
  { token, verdict = "Passed" }: { readonly token: string; readonly verdict?: string },
): Promise<string> {
  const result = `{.status.handledRequests[?(@.token=="${token}")].verdict}=${verdict}`;
  return kubectl(["wait", ...named(test), `--for=jsonpath=${result}`, "--timeout=100s"], { seconds: 120 });
}

/** The test once its verdict is there. Fails after `seconds` (120) with the status as it then is. */
export async function waitForVerdict(
  read: Read,
  test: TestName,
  { token, seconds = 120, everyMs = 250 }: Waiting = {},
): Promise<ConnectivityTest> {
  const { namespace, name } = test;
  const what = `verdict of ${namespace}/${name}${token === undefined ? "" : ` for the run requested as ${token}`}`;
  const check = async () => {
    const seen = await readTest(read, test);
    if (isDecided(seen, token)) return seen;
    throw new Failure(`its status is\n${stringify(seen.status)}`);
  };
  return until(what, check, { seconds, everyMs });
}

/** Whether the status speaks of the present spec and, with a token, of the run requested with it. */
export function isDecided({ metadata, status }: ConnectivityTest, token?: string): boolean {
  if (status.observedGeneration !== metadata.generation) return false;
  if (token !== undefined) return status.lastHandledRequest === token;
  return status.verdict !== undefined && status.verdict !== "Pending";
}
