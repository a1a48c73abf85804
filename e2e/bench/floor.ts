import { z } from "zod";

import type { Api } from "../../operator/runtime/api.ts";
import { podsPath } from "../../operator/runtime/resourcePaths.ts";
import { watchUntil } from "./cluster/watchUntil.ts";
import { plainPod, type Site } from "./cluster/workloads.ts";

const endedPodSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ phase: z.string() }),
});

/** Seconds from the first request to the end of the last of as many plain pods of the same image that run `true`. */
export async function floorOf(api: Api, site: Site, count: number): Promise<number> {
  const path = podsPath(site.namespace);
  const names = Array.from({ length: count }, (_, index) => `plain-${Date.now()}-${index}`);
  const left = new Set(names);
  const seconds = await watchUntil(api, {
    path,
    limit: 180,
    begin: async () => {
      await Promise.all(names.map((name) => api.create(path, plainPod(site, name))));
    },
    done: (object) => {
      const { metadata, status } = endedPodSchema.parse(object);
      if (status.phase === "Succeeded") left.delete(metadata.name);
      return left.size === 0;
    },
  });
  await Promise.all(
    names.map((name) => api.delete(podsPath(site.namespace, name), { gracePeriodSeconds: 0 })),
  );
  return seconds;
}
