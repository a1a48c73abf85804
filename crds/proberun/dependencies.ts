import { z } from "zod";
import { MAX_PATHS } from "../teststatus.ts";

/** Each path has one source and one target. */
const MAX_DEPENDENCIES = 2 * MAX_PATHS;

/**
 * The dependencies of a run besides the spec of its test, recorded so that the operator can detect a change later.
 */
export const dependenciesSchema = z.object({
  namespaces: z
    .array(z.string().max(63).describe("A namespace."))
    .max(MAX_DEPENDENCIES)
    .describe("The namespaces of the sources and the targets."),
  workloads: z
    .array(z.string().max(64).describe("The UID of a workload."))
    .max(MAX_DEPENDENCIES)
    .describe("The workloads of the sources and the targets."),
  policies: z
    .string()
    .max(64)
    .describe(
      "A digest of the policies in these namespaces and of cluster-wide ones, of the labels of these namespaces, and of the selectors of the Services there.",
    ),
  templates: z.string().max(64).describe("A digest of the pod templates of these workloads."),
});
export type Dependencies = z.infer<typeof dependenciesSchema>;

/** The namespaces and the workloads (by UID) of a run's sources and targets. */
export type DependencyScope = Pick<Dependencies, "namespaces" | "workloads">;
