import { z } from "zod";
import { MAX_PATHS } from "../teststatus.ts";
import { MAX_BACKENDS } from "./plannedpath.ts";

/** Each path has one source and one target, in one namespace each. */
const MAX_NAMESPACES = 2 * MAX_PATHS;
/** Each of the pods behind a target can belong to a workload of its own. */
const MAX_WORKLOADS = (1 + MAX_BACKENDS) * MAX_PATHS;
/** Each expectation names at most one Service. */
const MAX_SERVICES = 128;

/**
 * The dependencies of a run besides the spec of its test, recorded so that the operator can detect a change later.
 */
export const dependenciesSchema = z.object({
  namespaces: z
    .array(z.string().max(63).describe("A namespace."))
    .max(MAX_NAMESPACES)
    .describe("The namespaces of the sources and the targets."),
  workloads: z
    .array(z.string().max(64).describe("The UID of a workload."))
    .max(MAX_WORKLOADS)
    .describe(
      "The workloads of the sources and the targets; a pod without a controller is its own workload.",
    ),
  policies: z
    .string()
    .max(64)
    .describe(
      "A digest of the policies in these namespaces and of cluster-wide ones, of the labels of these namespaces, and of the selectors of the Services there.",
    ),
  templates: z.string().max(64).describe("A digest of the pod templates of these workloads."),
  podLabels: z
    .array(z.string().max(64).describe("A digest; empty if the workload had no pod."))
    .max(MAX_WORKLOADS)
    .optional()
    .describe("For each of these workloads, in the same order, a digest of the labels of its pods."),
  services: z
    .array(z.string().max(317).describe("A Service, namespace/name."))
    .max(MAX_SERVICES)
    .optional()
    .describe("The Services that the spec names as targets."),
  endpoints: z
    .array(z.string().max(64).describe("A digest; empty if the Service had no ready endpoint."))
    .max(MAX_SERVICES)
    .optional()
    .describe(
      "For each of these Services, in the same order, a digest of the workloads with ready endpoints, of the addresses that belong to no workload, and of their ports.",
    ),
});
export type Dependencies = z.infer<typeof dependenciesSchema>;

/** The namespaces and the workloads (by UID) of a run's sources and targets, and the Services that its test names. */
export type DependencyScope = Pick<Dependencies, "namespaces" | "workloads" | "services">;
