import { kindOf, type ConnectivityTest } from "../../crds/connectivitytest.ts";
import { API_VERSION } from "../../crds/group.ts";
import { apply } from "../kube/deploy.ts";
import { kubectl, read } from "./scenario.ts";
import { waitForVerdict } from "../kube/connectivityTests.ts";

interface Declared {
  /** "": a ClusterConnectivityTest. */
  readonly namespace: string;
  /** Left out: `test`. */
  readonly name?: string;
}

/**
 * Creates a test of either kind, or changes its spec. Unless the spec says otherwise its runs are not repeated, so that
 * each result is there at once.
 */
export async function declare({ namespace, name = "test" }: Declared, spec: object): Promise<void> {
  const metadata = { name, ...(namespace !== "" && { namespace }) };
  const { kind } = kindOf({ metadata: { namespace } });
  const test = {
    apiVersion: API_VERSION,
    kind,
    metadata,
    spec: { maxAttempts: 1, progressDeadline: "0s", ...spec },
  };
  await apply(kubectl, JSON.stringify(test));
}

/** Declares a test and waits for its first verdict. */
export async function runTest(
  { namespace, name = "test" }: Declared,
  spec: object,
): Promise<ConnectivityTest> {
  await declare({ namespace, name }, spec);
  return waitForVerdict(read, { namespace, name });
}

/** A NetworkPolicy as a manifest for `apply`. */
export function networkPolicy({ namespace, name }: Required<Declared>, spec: object): string {
  const metadata = { namespace, name };
  return JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
}
