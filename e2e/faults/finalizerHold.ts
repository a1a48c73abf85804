import { kubectl } from "../harness/scenario.ts";

const FINALIZER = "e2e.netverdict.dev/hold";

interface Held {
  readonly namespace: string;
  /** As kubectl has it: `service/vault`. */
  readonly object: string;
}

/** Keeps an object, and with it its namespace, from being gone once it is deleted; until `release`, which must come. */
export async function holdByFinalizer({
  namespace,
  object,
}: Held): Promise<{ release: () => Promise<void> }> {
  const patch = async (finalizers: readonly string[]) => {
    const change = JSON.stringify({ metadata: { finalizers } });
    await kubectl(["patch", object, `--namespace=${namespace}`, "--type=merge", `--patch=${change}`]);
  };
  await patch([FINALIZER]);
  return { release: async () => patch([]) };
}
