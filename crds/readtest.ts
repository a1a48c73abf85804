import { z } from "zod";
import {
  connectivityTestStatusSchema,
  probingSchema,
  type clusterConnectivityTestSchema,
  type ConnectivityTest,
  type connectivityTestSchema,
  type ConnectivityTestSpec,
  type ConnectivityTestStatus,
} from "./connectivitytest.ts";
import { metadataSchema } from "./metadata.ts";

/** What a test asks for whose spec cannot be read: nothing. */
const UNREADABLE_SPEC: ConnectivityTestSpec = {
  expectations: [],
  probing: probingSchema.parse({}),
  keepProbePods: "OnFailure",
  maxAttempts: 1,
  progressDeadline: "0s",
  suspend: true,
};

const partsSchema = z.object({
  metadata: metadataSchema,
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});

/**
 * A test as it is stored, written by any version of the API. It is never refused, since a test that is not seen is taken
 * for a deleted one: a spec that this version cannot read makes it `unreadable`, and of the status the fields go that it
 * cannot read. Throws ZodError only if there is no `metadata.name`.
 */
export function readTest(
  schema: typeof connectivityTestSchema | typeof clusterConnectivityTestSchema,
  raw: unknown,
): ConnectivityTest {
  const { metadata, ...parts } = partsSchema.parse(raw);
  const status = readTestStatus(parts.status ?? schema.shape.status.parse(undefined));
  const { data: spec, error } = schema.shape.spec.safeParse(parts.spec);
  if (spec) return { metadata, spec, status };
  return { metadata, status, spec: UNREADABLE_SPEC, unreadable: { spec: parts.spec, error } };
}

/** The verdict follows from both: with some of its expectations missing it might be a better one. */
const RUN_AND_FINDINGS = ["run", "expectations"];

function readTestStatus(raw: unknown): ConnectivityTestStatus {
  const { data, error } = connectivityTestStatusSchema.safeParse(raw);
  if (data) return data;
  const unreadable = error.issues.map(({ path: [field] }) => field);
  const dropped = new Set([
    ...unreadable,
    ...(RUN_AND_FINDINGS.some((field) => unreadable.includes(field)) ? RUN_AND_FINDINGS : []),
  ]);
  const fields = z.record(z.string(), z.unknown()).safeParse(raw).data ?? {};
  const readable = Object.entries(fields).filter(([field]) => !dropped.has(field));
  return connectivityTestStatusSchema.parse(Object.fromEntries(readable));
}
