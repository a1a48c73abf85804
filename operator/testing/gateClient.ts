import { createHash } from "node:crypto";
import { afterEach, beforeEach } from "vitest";
import { GATE_SECRET } from "../../crds/group.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { startGate } from "./gateScene.ts";
import { connectivityTest, later } from "./objects.ts";
import { endedRun, published } from "./statuses.ts";

const USERS = {
  "gate-token": { username: "gate", may: ["get shop/net", "patch shop/net", "get shop/gone"] },
  "reader-token": { username: "reader", may: ["get shop/net"] },
  "lister-token": { username: "lister", may: ["list shop/"] },
  "other-token": { username: "other", may: ["get shop/web"] },
};
/** One of the two secrets of the test. */
export const SECRET = "0c7d2f6a5be14f8c93d1a6e27b40c85f";
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

const net = connectivityTest({
  metadata: { annotations: { [GATE_SECRET]: `${digest("another one")}, ${digest(SECRET)}` } },
  spec: { schedule: { every: "10m" } },
});
/** The test shop/net after a run for these tokens, which ended 20 s after everything began. */
export const testAfter = (verdict: Verdict, requests: readonly string[] = []) =>
  published({ test: net, ended: endedRun([verdict], { requests, digestOf: net.spec }), now: later(30_000) });

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** What Flagger sends for a pre-rollout hook, with some fields replaced. Its phase is that of the Canary. */
export const flaggerCall = (payload: object = {}) => ({
  method: "POST",
  body: JSON.stringify({
    name: "web",
    namespace: "shop",
    phase: "Progressing",
    checksum: "85877bd876",
    metadata: { hook: "pre-rollout", test: "net", secret: SECRET },
    ...payload,
  }),
});

/** Starts the gate endpoint before each test, and stops it afterwards. */
export function gateClient() {
  let gate: Awaited<ReturnType<typeof startGate>>;
  beforeEach(async () => {
    gate = await startGate(USERS);
  });
  afterEach(() => gate.close());
  return {
    gate: () => gate,
    /** Sends a request; by default as a user with all rights. */
    ask: async (path: string, init: RequestInit = bearer("gate-token")) => {
      const response = await gate.fetch(path, init);
      const text = await response.text();
      const type = response.headers.get("content-type") ?? "";
      const body: unknown = type.startsWith("application/json") ? JSON.parse(text) : text;
      return { status: response.status, body, response };
    },
  };
}
