import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import * as fc from "fast-check";
import { loadAll } from "js-yaml";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  clusterConnectivityTestSpecSchema,
  connectivityTestSpecSchema,
} from "../../crds/connectivitytest.ts";
import {
  API_VERSION,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  type KindNames,
  PROBE_GRANT,
} from "../../crds/group.ts";
import { probeGrantSchema } from "../../crds/probegrant.ts";
import { structuralSchema } from "../../crds/generator/schema.ts";
import { ApiError } from "../../operator/runtime/apiError.ts";
import { createConnection } from "../../operator/runtime/connection.ts";
import { createRestClient } from "../../operator/runtime/restClient.ts";
import {
  clusterConnectivityTestsPath,
  connectivityTestsPath,
  probeGrantsPath,
} from "../../operator/runtime/resourcePaths.ts";
import { cluster } from "../harness/scenario.ts";
import { goodSpec } from "./goodSpec.ts";
import { nearby } from "./nearby.ts";

/** Another number finds more: `NETVERDICT_FUZZ=20000 npm run e2e -- e2e/api/fuzz.test.ts`. */
const CASES = Number(process.env["NETVERDICT_FUZZ"] ?? 300);
const SAMPLES = join(import.meta.dirname, "../../manifests/samples");

const kubeConfig = new KubeConfig();
kubeConfig.loadFromFile(cluster.kubeconfig);
const connection = createConnection(kubeConfig);
const { json } = createRestClient({
  calls: connection,
  watches: connection,
  observe: () => {},
  onAnswer: () => {},
});
afterAll(() => connection.close());

const objectSchema = z.object({ kind: z.string(), spec: z.unknown() });
const samples = readdirSync(SAMPLES)
  .flatMap((file) => loadAll(readFileSync(join(SAMPLES, file), "utf8")))
  .map((raw) => objectSchema.parse(raw));

interface Kind {
  readonly kind: string;
  readonly path: string;
  readonly schema: z.ZodType;
  readonly good: readonly unknown[];
}

const samplesOf = ({ kind }: KindNames) =>
  samples.flatMap((sample) => (sample.kind === kind ? [sample.spec] : []));

const kinds: readonly Kind[] = [
  {
    kind: CONNECTIVITY_TEST.kind,
    path: connectivityTestsPath("default"),
    schema: connectivityTestSpecSchema,
    good: [goodSpec, ...samplesOf(CONNECTIVITY_TEST)],
  },
  {
    kind: CLUSTER_CONNECTIVITY_TEST.kind,
    path: clusterConnectivityTestsPath(),
    schema: clusterConnectivityTestSpecSchema,
    good: samplesOf(CLUSTER_CONNECTIVITY_TEST),
  },
  {
    kind: PROBE_GRANT.kind,
    path: probeGrantsPath("default"),
    schema: probeGrantSchema.shape.spec,
    good: samplesOf(PROBE_GRANT),
  },
];

const TAKEN = "taken";

type Answer = { readonly taken: unknown } | { readonly refused: string };

/** What the API server says to an object, of which nothing remains. Fields that it does not know it drops, as zod does. */
async function serverOn({ kind, path }: Kind, spec: unknown): Promise<Answer> {
  const body = { apiVersion: API_VERSION, kind, metadata: { name: "tried" }, spec };
  const query = { dryRun: "All", fieldValidation: "Ignore" };
  try {
    return { taken: objectSchema.parse(await json({ verb: "create", path, query, body })).spec };
  } catch (error) {
    if (error instanceof ApiError && error.code === 422) return { refused: error.message };
    throw error;
  }
}

describe.each(kinds)("zod and the API server, on the spec of a $kind", (kind) => {
  it(`take and refuse the same, and fill in the same defaults, in ${CASES} cases at the border`, async () => {
    const counts = { taken: 0, refused: 0 };
    const property = fc.asyncProperty(nearby(structuralSchema(kind.schema), kind.good), async (spec) => {
      const own = kind.schema.safeParse(spec);
      const answer = await serverOn(kind, spec);
      const taken = "taken" in answer;
      counts[taken ? "taken" : "refused"] += 1;
      const verdicts = { zod: own.error?.message ?? TAKEN, server: taken ? TAKEN : answer.refused };
      expect(verdicts).toSatisfy(({ zod, server }) => (zod === TAKEN) === (server === TAKEN));
      expect(own.data).toEqual(taken ? kind.schema.parse(answer.taken) : undefined);
    });
    await fc.assert(property, { numRuns: CASES });
    // Neither side may be so rare that agreeing on it says nothing.
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(CASES / 10);
  });
});
