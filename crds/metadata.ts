import { z } from "zod";

/** An instant as Kubernetes writes it (RFC 3339). */
export const timeSchema = z.string().max(64).meta({ format: "date-time" });

/** The part of `metadata` that this project reads. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string().default(""),
  generation: z.number().default(0),
  resourceVersion: z.string().default(""),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z
    .array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().default(false),
      }),
    )
    .default([]),
});
export type Metadata = z.infer<typeof metadataSchema>;
export type OwnerReference = Metadata["ownerReferences"][number];

/** Any object, of which only the metadata is read. */
export const objectSchema = z.object({ metadata: metadataSchema });

/** Sorts objects by their age, the oldest first, and those of the same second by their name. */
export function byAge(
  one: Pick<Metadata, "creationTimestamp" | "name">,
  other: Pick<Metadata, "creationTimestamp" | "name">,
): number {
  const [key, otherKey] = [one, other].map(
    ({ creationTimestamp = "", name }) => `${creationTimestamp} ${name}`,
  );
  return (key ?? "") < (otherKey ?? "") ? -1 : 1;
}

/** Returns the metadata of any object. Throws ZodError. */
export function metadataOf(raw: unknown): Metadata {
  return objectSchema.parse(raw).metadata;
}

/**
 * Returns the owner that controls the object, if any
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/).
 */
export function controllerOf(metadata: Metadata): OwnerReference | undefined {
  return metadata.ownerReferences.find((owner) => owner.controller);
}

/** Returns the name of an object for people: `namespace/name`; `name` for a cluster-scoped object. */
export function qualifiedName({ namespace, name }: Pick<Metadata, "namespace" | "name">): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** Returns the key of an object for queues and caches: `namespace/name`; `/name` for a cluster-scoped object. */
export function keyOf({ namespace, name }: Pick<Metadata, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
