import { z } from "zod";

import { PROBE_RUN, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { controllerOf, metadataSchema } from "../../crds/metadata.ts";
import { podsPath, probeRunsPath } from "../../operator/runtime/resourcePaths.ts";
import { TESTS } from "../kube/connectivityTests.ts";
import { until } from "../process/until.ts";
import { messageOf } from "../process/failure.ts";
import type { Soaking } from "./soaking.ts";

const listSchema = z.object({ items: z.array(z.object({ metadata: metadataSchema })) });

/** Deletes the tests, and returns the ProbeRuns and pods of netverdict that are still there after two minutes. */
export async function leftoversOf(soaking: Soaking): Promise<readonly string[]> {
  const { kubectl, site } = soaking;
  await kubectl(["delete", TESTS, "--all", `--namespace=${site.namespace}`, "--timeout=60s"], {
    seconds: 90,
  });
  const none = async () => {
    const left = await ownObjects(soaking);
    if (left.length === 0) return left;
    throw new Error(left.join(", "));
  };
  try {
    return await until("nothing is left", none, { seconds: 120, everyMs: 1_000 });
  } catch (error) {
    const left = await ownObjects(soaking);
    return left.length === 0 ? [messageOf(error)] : left;
  }
}

async function ownObjects({ read, site: { namespace } }: Soaking): Promise<readonly string[]> {
  const namespaces = [namespace, WITNESS_NAMESPACE];
  const lists = namespaces.flatMap((one) => [
    objectsAt(
      one,
      async () => read(probeRunsPath(one)),
      () => true,
    ),
    objectsAt(
      one,
      async () => read(podsPath(one)),
      (metadata) => controllerOf(metadata)?.kind === PROBE_RUN.kind,
    ),
  ]);
  return (await Promise.all(lists)).flat();
}

async function objectsAt(
  namespace: string,
  text: () => Promise<string>,
  isOwn: (metadata: z.infer<typeof metadataSchema>) => boolean,
): Promise<readonly string[]> {
  const { items } = listSchema.parse(JSON.parse(await text()));
  return items
    .filter(({ metadata }) => isOwn(metadata))
    .map(({ metadata }) => `${namespace}/${metadata.name}`);
}
