import { createHash } from "node:crypto";
import { rmSync } from "node:fs";

import { Hono } from "hono";

import { type ConnectivityTest, connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { GATE_SECRET } from "../../crds/group.ts";
import { listen } from "../../operator/server/httpServer.ts";
import { createKeyPairFiles } from "../../operator/server/keyPair.ts";
import { RECIPE_SECRET } from "../../operator/testing/gateRecipe.ts";
import { startGate } from "../../operator/testing/gateScene.ts";
import { certificateFolder, writeKeyPair } from "../../operator/testing/keyPair.ts";
import { later } from "../../operator/testing/objects.ts";
import { silentLog } from "../../operator/testing/silentLog.ts";
import type { Asked } from "./askingGates.ts";

/** What may be at the address of the operator's Service. */
export const PLACES = ["operator", "not ready", "trusted TLS", "other TLS", "login page", "nothing"] as const;
export type Place = (typeof PLACES)[number];
type OperatorPlace = Exclude<Place, "login page" | "nothing">;
const isOperator = (place: Place): place is OperatorPlace => place !== "login page" && place !== "nothing";

export type Scene = Awaited<ReturnType<typeof startScene>>;

/** Starts the operator's gate endpoint at each of its places, and what may be there instead. */
export async function startScene({ now = later(30_000) }: { readonly now?: Date } = {}) {
  const folders = { "trusted TLS": certificateFolder(), "other TLS": certificateFolder() };
  for (const folder of Object.values(folders)) writeKeyPair(folder);
  const secured = async (folder: string) =>
    startGate({}, { keyPair: createKeyPairFiles(folder, silentLog()) });
  const operators = {
    operator: await startGate({}),
    "not ready": await startGate({}),
    "trusted TLS": await secured(folders["trusted TLS"]),
    "other TLS": await secured(folders["other TLS"]),
  };
  for (const { state } of Object.values(operators)) state.now = now;
  operators["not ready"].state.unready = "the caches are not filled yet. Try again later";
  const page = await serve("<!doctype html><title>Sign in</title>");
  const nothing = await serve("");
  await nothing.close();
  const ports: Readonly<Record<Place, number>> = {
    operator: operators.operator.port,
    "not ready": operators["not ready"].port,
    "trusted TLS": operators["trusted TLS"].port,
    "other TLS": operators["other TLS"].port,
    "login page": page.port,
    nothing: nothing.port,
  };
  return {
    /** The time of every operator. */
    now,
    /** The environment of a program that trusts one of the two certificates. */
    env: { ...process.env, SSL_CERT_DIR: folders["trusted TLS"] },
    /** Stores a test, with the secret of the examples. */
    put(place: Place, object: object) {
      if (isOperator(place)) operators[place].put(withSecret(connectivityTestSchema.parse(object)));
    },
    test: (place: Place, name: string) => (isOperator(place) ? operators[place].test(name) : undefined),
    /** What a gate asks for that has the right secret. */
    asked: (place: Place, name: string): Asked => ({
      origin: `${place.endsWith("TLS") ? "https" : "http"}://127.0.0.1:${ports[place]}`,
      name,
      secret: RECIPE_SECRET,
    }),
    async close() {
      await Promise.all([...Object.values(operators).map(async (one) => one.close()), page.close()]);
      for (const folder of Object.values(folders)) rmSync(folder, { recursive: true });
    },
  };
}

function withSecret(test: ConnectivityTest): ConnectivityTest {
  const digest = createHash("sha256").update(RECIPE_SECRET).digest("hex");
  const { metadata } = test;
  return {
    ...test,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [GATE_SECRET]: digest } },
  };
}

/** A server that answers everything with this page. */
const serve = async (html: string) =>
  listen(
    new Hono().all("*", (context) => context.html(html)),
    { port: 0 },
  );
