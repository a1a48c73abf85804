import { hostname } from "node:os";
import { z } from "zod";
import { parseDuration } from "../crds/duration.ts";
import { isRange } from "./cluster/ipRanges.ts";
import { LOG_LEVELS } from "./runtime/log.ts";

/** The version in package.json, which the image does not contain. */
export const OPERATOR_VERSION = "0.1.0";

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,6}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });

const milliseconds = z.string().transform((text, context) => {
  const value = parseDuration(text);
  if (value !== undefined && value > 0) return value;
  context.addIssue("must be a duration above zero, such as 90s or 1m30s");
  return z.NEVER;
});

const ranges = z
  .string()
  .transform((text) => text.split(",").map((range) => range.trim()))
  .refine((all) => all.every(isRange), "must be ranges such as 10.0.0.0/8 or fd00::/8, separated by commas");

const required = z.string({ error: "must be set" });

/**
 * Every setting of the operator and its environment variable. No other code of the operator reads the environment.
 */
const environmentSchema = z
  .object({
    NETVERDICT_PROBE_IMAGE: required.max(512, "must have at most 512 characters"),
    NETVERDICT_PROBE_IMAGE_PULL_POLICY: oneOf(["Always", "IfNotPresent", "Never"]).default("IfNotPresent"),
    /** The maximum time from the creation of a probe pod until the probe runs. */
    NETVERDICT_PROBE_START_TIMEOUT: milliseconds.prefault("60s"),
    /** Whether witnesses prove targets. Without witnesses, a readiness probe on the same port is sufficient. */
    NETVERDICT_WITNESS: oneOf(["true", "false"]).default("true"),
    /** Ranges, separated by commas, that a witness may try in addition to pods and the API server. */
    NETVERDICT_WITNESS_ALLOW: ranges.default([]),
    /** The maximum number of probe and witness pods at once in the cluster; a run that needs more runs alone. */
    NETVERDICT_MAX_PODS: wholeNumber(1, 100_000).prefault("200"),
    /** The same for the tests of one namespace. */
    NETVERDICT_MAX_PODS_PER_NAMESPACE: wholeNumber(1, 100_000).prefault("40"),
    /** The number of tests that are reconciled concurrently. */
    NETVERDICT_CONCURRENCY: wholeNumber(1, 256).prefault("8"),
    /** Must be true if more than one replica runs. */
    NETVERDICT_LEADER_ELECTION: oneOf(["true", "false"]).default("true"),
    NETVERDICT_PORT: wholeNumber(1, 65_535).prefault("8080"),
    /** Whether `/metrics` answers only users who may get that path (TokenReview and SubjectAccessReview). */
    NETVERDICT_METRICS_AUTHENTICATION: oneOf(["true", "false"]).default("false"),
    /** The gate endpoint (docs/gates.md): https needs a certificate, http sends tokens and secrets without encryption. */
    NETVERDICT_GATE: oneOf(["off", "https", "http"]).default("off"),
    NETVERDICT_GATE_PORT: wholeNumber(1, 65_535).prefault("8443"),
    /** The folder with `tls.crt` and `tls.key`. */
    NETVERDICT_GATE_CERTIFICATE: z.string().default("/etc/netverdict/gate"),
    /** Whether the operator writes the readiness gates of pods (docs/gates.md); needs the rights of manifests/readiness-gate/. */
    NETVERDICT_READINESS_GATE: oneOf(["true", "false"]).default("false"),
    NETVERDICT_LOG_LEVEL: oneOf(LOG_LEVELS).default("info"),
    POD_NAME: z.string().default(() => hostname()),
    POD_NAMESPACE: z.string().default("netverdict-system"),
  })
  .transform((environment) => ({
    probeImage: environment.NETVERDICT_PROBE_IMAGE,
    probeImagePullPolicy: environment.NETVERDICT_PROBE_IMAGE_PULL_POLICY,
    /** In milliseconds. */
    probeStartTimeout: environment.NETVERDICT_PROBE_START_TIMEOUT,
    witness: environment.NETVERDICT_WITNESS === "true",
    witnessAllow: environment.NETVERDICT_WITNESS_ALLOW,
    limits: {
      pods: environment.NETVERDICT_MAX_PODS,
      podsPerNamespace: environment.NETVERDICT_MAX_PODS_PER_NAMESPACE,
    },
    concurrency: environment.NETVERDICT_CONCURRENCY,
    leaderElection: environment.NETVERDICT_LEADER_ELECTION === "true",
    port: environment.NETVERDICT_PORT,
    authenticateMetrics: environment.NETVERDICT_METRICS_AUTHENTICATION === "true",
    gate: {
      mode: environment.NETVERDICT_GATE,
      port: environment.NETVERDICT_GATE_PORT,
      certificate: environment.NETVERDICT_GATE_CERTIFICATE,
    },
    readinessGate: environment.NETVERDICT_READINESS_GATE === "true",
    logLevel: environment.NETVERDICT_LOG_LEVEL,
    podName: environment.POD_NAME,
    podNamespace: environment.POD_NAMESPACE,
  }));
export type Config = Readonly<z.infer<typeof environmentSchema>>;

/** One line for each invalid variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads the settings; an empty variable counts as unset. Throws ConfigError. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ConfigError([...new Set(lines)].join("\n"));
}
