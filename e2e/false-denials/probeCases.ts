import { beforeAll } from "vitest";

import { deploy } from "../kube/deploy.ts";
import { itReports } from "../harness/itReports.ts";
import { declare } from "../harness/runTest.ts";
import { type Admission, type Admissions, putWebhooks } from "../faults/podWebhook.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";
import { server } from "../harness/workload.ts";

/** A fault of a probe pod that prevents its report. */
export interface ProbeCase {
  /** The name of the test whose probe pod it is done to. None may be a part of another. */
  readonly test: string;
  readonly admission: Admission;
  /** In the words of the table. */
  readonly when: string;
  readonly says: string | RegExp;
}

/** `client` never reaches `vault`, it is said; the path is open, so a denial would be the most dangerous of lies. */
export const clientNeverReachesVault = {
  name: "vault",
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { service: { name: "vault" } },
  tcp: { port: 80 },
  expect: "Denied",
} as const;

/** `client` and `vault` in a namespace, and nothing between them. */
export async function openVault(here: string): Promise<void> {
  const servers = ["client", "vault"].map((name) => server({ namespace: here, name }));
  await deploy(kubectl, servers.join("\n---\n"));
}

/** The same for all scenarios of a file, in one namespace, whose name is known once they run. */
export function sharedVault(purpose: string, admissions: Admissions = {}): () => string {
  let here = "";
  beforeAll(async () => {
    const made = await makeNamespace(purpose);
    here = made.name;
    await openVault(here);
    const isPlain = Object.keys(admissions).length === 0;
    const removeWebhook = isPlain ? undefined : await putWebhooks(here, admissions);
    return async () => {
      await removeWebhook?.();
      await made.remove();
    };
  });
  return () => here;
}

/**
 * Has every case say that the probe did not run, and why. They share a namespace, whose name is known once they run, and go
 * side by side from the beginning on: most of their time is spent waiting.
 */
export function probesDidNotRun(purpose: string, cases: readonly ProbeCase[]): () => string {
  const admissions = Object.fromEntries(cases.map(({ test, admission }) => [test, admission]));
  const here = sharedVault(purpose, admissions);
  beforeAll(async () => {
    const spec = { expectations: [clientNeverReachesVault] };
    await Promise.all(cases.map(({ test }) => declare({ namespace: here(), name: test }, spec)));
  });
  for (const { test, when, says } of cases) {
    itReports({ when, says, expect: "Denied", verdict: "Inconclusive", reason: "ProbeNotRun" }, () =>
      waitForVerdict(read, { namespace: here(), name: test }),
    );
  }
  return here;
}

/** The one container of a probe pod with something else in place of what the operator wants there. */
export function inContainer(fields: Readonly<Record<string, unknown>>): Admission {
  const patch = Object.entries(fields).map(([field, value]) => ({
    op: "add",
    path: `/spec/containers/0/${field}`,
    value,
  }));
  return { patch };
}

/** The pod of a probe with something else in its spec. */
export function inPod(fields: Readonly<Record<string, unknown>>): Admission {
  const patch = Object.entries(fields).map(([field, value]) => ({
    op: "add",
    path: `/spec/${field}`,
    value,
  }));
  return { patch };
}
