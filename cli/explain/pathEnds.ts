import { z } from "zod";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { metadataOf } from "../../crds/metadata.ts";
import type { PlannedPath, ProbeRun } from "../../crds/proberun/proberun.ts";
import type { MatchedPod } from "../../operator/cluster/policies/matchedPod.ts";
import type { Api } from "../../operator/runtime/api.ts";
import { isForbidden, isNotFound } from "../../operator/runtime/apiError.ts";
import { podsPath } from "../../operator/runtime/resourcePaths.ts";

/** Each is one request. */
const MAX_TARGET_PODS = 16;

/** One end of a path, as policies see it. */
export interface PathEnd {
  readonly name: string;
  /** The direction of the rules that limit it: a source sends, a target receives. */
  readonly direction: "egress" | "ingress";
  readonly pod: MatchedPod;
}

export interface PathEnds {
  readonly ends: readonly PathEnd[];
  /** Why there are fewer than all, each a sentence. */
  readonly notes: readonly string[];
}

/** Returns the sources of an expectation in a run, and reads the pods of its targets. Throws ApiError, but not for a missing right. */
export async function pathEnds(
  api: Api,
  { metadata, spec }: ConnectivityTest,
  { run, expectation }: { readonly run: ProbeRun; readonly expectation: string },
): Promise<PathEnds> {
  const paths = run.spec.paths.filter((path) => path.expectation === expectation);
  const service = spec.expectations.find(({ name }) => name === expectation)?.to?.service;
  const targets = new Map(
    paths.flatMap((path) =>
      path.backends
        .filter(({ hostNetwork }) => !hostNetwork)
        .map(({ name }) => {
          const namespace = service ? (service.namespace ?? metadata.namespace) : namespaceIn(path, name);
          const target = { name, namespace: namespace ?? metadata.namespace };
          return [JSON.stringify(target), target] as const;
        }),
    ),
  );
  const read = [...targets.values()].slice(0, MAX_TARGET_PODS).map(async (target) => readTarget(api, target));
  const found = await Promise.all(read);
  const hidden = targets.size - found.length;
  return {
    ends: [...sourceEnds(run, paths), ...found.flatMap(({ end }) => end ?? [])],
    notes: [
      ...new Set(found.flatMap(({ note }) => note ?? [])),
      ...(hidden > 0 ? [`Pods of the target: ${hidden} more are not shown.`] : []),
    ],
  };
}

/** The namespace of a target that is a pod, if it is not the test's own: `Pod/web-0.shop`. */
function namespaceIn({ to }: PlannedPath, pod: string): string | undefined {
  const prefix = `Pod/${pod}.`;
  return to.startsWith(prefix) ? to.slice(prefix.length) : undefined;
}

function sourceEnds({ metadata, spec }: ProbeRun, paths: readonly PlannedPath[]): PathEnd[] {
  const used = new Set(paths.map(({ pod }) => pod));
  const ends = spec.pods.flatMap(({ name, source, twin, namespace = metadata.namespace }): PathEnd[] =>
    twin && used.has(name)
      ? [{ name: source, direction: "egress", pod: { namespace, labels: twin.labels } }]
      : [],
  );
  return [...new Map(ends.map((end) => [end.name, end])).values()];
}

interface ReadTarget {
  readonly end?: PathEnd;
  readonly note?: string;
}

async function readTarget(
  api: Api,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<ReadTarget> {
  try {
    const { labels } = metadataOf(await api.get(podsPath(namespace, name)));
    return { end: { name: `Pod/${name}`, direction: "ingress", pod: { namespace, labels } } };
  } catch (error) {
    if (isForbidden(error)) return { note: `Pods of ${namespace}: this user may not read them.` };
    if (isNotFound(error)) return { note: `Pod ${namespace}/${name}: it does not exist any more.` };
    if (error instanceof z.ZodError) return {};
    throw error;
  }
}
