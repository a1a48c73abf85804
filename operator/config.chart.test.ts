import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, readConfig } from "./config.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const environment = z
  .object({
    properties: z.object({
      environment: z.object({ properties: z.record(z.string(), z.record(z.string(), z.json())) }),
    }),
  })
  .parse(JSON.parse(read("manifests/chart/values.schema.json"))).properties.environment.properties;

/** Settings that are no values of the chart: other values, ports and paths that the Deployment and the Service name as well. */
const FIXED = [
  "NETVERDICT_PROBE_IMAGE",
  "NETVERDICT_LEADER_ELECTION",
  "NETVERDICT_PORT",
  "NETVERDICT_GATE_PORT",
  "NETVERDICT_GATE_CERTIFICATE",
];

function operatorAccepts(name: string, value: string): boolean {
  try {
    readConfig({ NETVERDICT_PROBE_IMAGE: "netverdict:1", [name]: value });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const WORDS = [
  "Always",
  "IfNotPresent",
  "Never",
  "always",
  "off",
  "https",
  "http",
  "tcp",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
];
const DURATIONS = ["60s", "1m30s", "0s", "00ms", "10x", "1d", "-1s", "1.5s", "100ms0s"];
const NUMBERS = [-1, 0, 1, 255, 256, 257, 1.5, 99_999, 100_000, 100_001];
const SAMPLES = [true, false, ...WORDS, ...DURATIONS, ...NUMBERS];

describe("the Helm chart", () => {
  it("has each setting of the operator as a value, except those that other objects depend on", () => {
    const settings = Array.from(
      read("operator/config.ts").matchAll(/^ {4}(NETVERDICT_\w+):/gm),
      ([, name = ""]) => name,
    );
    expect(settings.length).toBeGreaterThan(10);
    expect([...Object.keys(environment), ...FIXED].toSorted()).toEqual(settings.toSorted());
  });

  const comparable = Object.entries(environment).filter(([name]) => name !== "NETVERDICT_WITNESS_ALLOW");
  it.each(comparable)("accepts for %s what the operator accepts, and nothing else", (name, schema) => {
    const chart = z.fromJSONSchema(schema);
    const typed = SAMPLES.filter(
      (sample) =>
        typeof sample === "string" || chart.safeParse(typeof sample === "number" ? 1 : true).success,
    );
    const accepted = typed.filter((sample) => chart.safeParse(sample).success);
    expect(accepted).toEqual(typed.filter((sample) => operatorAccepts(name, String(sample))));
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length).toBeLessThan(SAMPLES.length);
  });

  it.each([
    ["", true],
    ["10.0.0.0/8, fd00::/8", true],
    ["example.com", false],
    ["10.0.0.0/8;", false],
  ])("for ranges only rejects what cannot be one: %j", (value, accepts) => {
    const schema = z.fromJSONSchema(environment["NETVERDICT_WITNESS_ALLOW"] ?? {});
    expect(schema.safeParse(value).success).toBe(accepts);
    expect(operatorAccepts("NETVERDICT_WITNESS_ALLOW", value)).toBe(accepts);
  });
});
