import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, OPERATOR_VERSION, readConfig } from "./config.ts";

const least = { NETVERDICT_PROBE_IMAGE: "registry.example/netverdict:1" };

it("knows the version in package.json", () => {
  const manifest = readFileSync(join(import.meta.dirname, "../package.json"), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ version: OPERATOR_VERSION });
});

it("has a default for everything but the image", () => {
  expect(readConfig(least)).toEqual({
    probeImage: "registry.example/netverdict:1",
    probeImagePullPolicy: "IfNotPresent",
    probeStartTimeout: 60_000,
    witness: true,
    witnessAllow: [],
    limits: { pods: 200, podsPerNamespace: 40 },
    concurrency: 8,
    leaderElection: true,
    port: 8080,
    authenticateMetrics: false,
    gate: { mode: "off", port: 8443, certificate: "/etc/netverdict/gate" },
    readinessGate: false,
    logLevel: "info",
    podName: hostname(),
    podNamespace: "netverdict-system",
  });
});

it("reads what is set", () => {
  const environment = {
    ...least,
    NETVERDICT_PROBE_IMAGE_PULL_POLICY: "Never",
    NETVERDICT_PROBE_START_TIMEOUT: "1m30s",
    NETVERDICT_WITNESS: "false",
    NETVERDICT_WITNESS_ALLOW: "203.0.113.0/24, fd00::/8",
    NETVERDICT_MAX_PODS: "1000",
    NETVERDICT_MAX_PODS_PER_NAMESPACE: "100",
    NETVERDICT_CONCURRENCY: "2",
    NETVERDICT_LEADER_ELECTION: "false",
    NETVERDICT_PORT: "9000",
    NETVERDICT_METRICS_AUTHENTICATION: "true",
    NETVERDICT_GATE: "https",
    NETVERDICT_GATE_PORT: "9443",
    NETVERDICT_GATE_CERTIFICATE: "/certificate",
    NETVERDICT_READINESS_GATE: "true",
    NETVERDICT_LOG_LEVEL: "debug",
    POD_NAME: "pod-1",
    POD_NAMESPACE: "elsewhere",
    PATH: "/bin",
  };
  expect(readConfig(environment)).toEqual({
    probeImage: "registry.example/netverdict:1",
    probeImagePullPolicy: "Never",
    probeStartTimeout: 90_000,
    witness: false,
    witnessAllow: ["203.0.113.0/24", "fd00::/8"],
    limits: { pods: 1000, podsPerNamespace: 100 },
    concurrency: 2,
    leaderElection: false,
    port: 9000,
    authenticateMetrics: true,
    gate: { mode: "https", port: 9443, certificate: "/certificate" },
    readinessGate: true,
    logLevel: "debug",
    podName: "pod-1",
    podNamespace: "elsewhere",
  });
});

it("takes an empty variable for one that is left out", () => {
  expect(readConfig({ ...least, NETVERDICT_PORT: "", POD_NAMESPACE: "" })).toMatchObject({
    port: 8080,
    podNamespace: "netverdict-system",
  });
});

const problems = (environment: Record<string, string>) => {
  try {
    return readConfig(environment);
  } catch (error) {
    return error instanceof ConfigError ? error.message.split("\n") : error;
  }
};

describe("a value that cannot be used gets one line", () => {
  it.each([
    ["NETVERDICT_PROBE_IMAGE", "", "must be set"],
    ["NETVERDICT_PROBE_IMAGE_PULL_POLICY", "Sometimes", "must be one of Always, IfNotPresent, Never"],
    ["NETVERDICT_PROBE_START_TIMEOUT", "60", "must be a duration above zero, such as 90s or 1m30s"],
    ["NETVERDICT_PROBE_START_TIMEOUT", "0s", "must be a duration above zero, such as 90s or 1m30s"],
    ["NETVERDICT_MAX_PODS", "0", "must be a whole number from 1 to 100000"],
    ["NETVERDICT_MAX_PODS_PER_NAMESPACE", "many", "must be a whole number from 1 to 100000"],
    ["NETVERDICT_CONCURRENCY", "0", "must be a whole number from 1 to 256"],
    ["NETVERDICT_PORT", "http", "must be a whole number from 1 to 65535"],
    ["NETVERDICT_GATE", "on", "must be one of off, https, http"],
    ["NETVERDICT_GATE_PORT", "0", "must be a whole number from 1 to 65535"],
    ["NETVERDICT_METRICS_AUTHENTICATION", "yes", "must be one of true, false"],
    ["NETVERDICT_LEADER_ELECTION", "yes", "must be one of true, false"],
    ["NETVERDICT_WITNESS", "no", "must be one of true, false"],
    [
      "NETVERDICT_WITNESS_ALLOW",
      "10.0.0.0/8,10.0.0.1",
      "must be ranges such as 10.0.0.0/8 or fd00::/8, separated by commas",
    ],
    ["NETVERDICT_LOG_LEVEL", "loud", "must be one of error, warn, info, debug"],
  ])("%s=%s", (name, value, message) => {
    expect(problems({ ...least, [name]: value })).toEqual([`${name}: ${message}`]);
  });

  it("for each of them", () => {
    expect(problems({ NETVERDICT_PORT: "0", NETVERDICT_CONCURRENCY: "many" })).toHaveLength(3);
  });
});
