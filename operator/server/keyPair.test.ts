import { rmSync } from "node:fs";
import { Agent, fetch } from "undici";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realClock, type Clock } from "../runtime/clock.ts";
import { startGate } from "../testing/gateScene.ts";
import { certificateFolder, writeKeyPair, writeOtherCertificate } from "../testing/keyPair.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { silentLog } from "../testing/silentLog.ts";
import { endedRun, published } from "../testing/statuses.ts";
import { createKeyPairFiles } from "./keyPair.ts";

const USERS = { "gate-token": { username: "gate", may: ["get shop/net"] } };
const net = connectivityTest();
const passed = published({
  test: net,
  ended: endedRun(["Passed"], { digestOf: net.spec }),
  now: later(30_000),
});
/** Looks for another certificate a thousand times as often. */
const clock: Clock = {
  ...realClock,
  sleep: (milliseconds, signal) => realClock.sleep(milliseconds / 1_000, signal),
};

let folder: string;
let log: ReturnType<typeof silentLog>;
let gate: Awaited<ReturnType<typeof startGate>> | undefined;
beforeEach(() => {
  folder = certificateFolder();
  log = silentLog();
});
afterEach(async () => {
  await gate?.close();
  gate = undefined;
  rmSync(folder, { recursive: true });
});

async function start() {
  gate = await startGate(USERS, { keyPair: createKeyPairFiles(folder, log, clock) });
  gate.put(passed);
}

/** Asks over TLS, by a connection of its own, as a client that trusts this certificate alone. */
async function askTrusting(ca: string) {
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const response = await fetch(`https://127.0.0.1:${gate?.port}/gate/shop/net?maxAge=1h`, {
      dispatcher,
      headers: { authorization: "Bearer gate-token" },
    });
    return await response.json();
  } finally {
    await dispatcher.close();
  }
}

describe("the gate endpoint with a certificate", () => {
  it("answers over TLS, and not without it", async () => {
    const cert = writeKeyPair(folder);
    await start();
    expect(await askTrusting(cert)).toMatchObject({ verdict: "Passed" });
    await expect(gate?.fetch("/gate/shop/net?maxAge=1h")).rejects.toThrow("fetch failed");
  });

  it("uses a renewed certificate for new connections, without a restart", async () => {
    const before = writeKeyPair(folder);
    await start();
    const cert = writeKeyPair(folder);
    await vi.waitFor(async () => expect(await askTrusting(cert)).toMatchObject({ verdict: "Passed" }), {
      timeout: 10_000,
    });
    await expect(askTrusting(before)).rejects.toThrow("fetch failed");
    expect(log.info).toHaveBeenCalledWith("another certificate is in use", { folder });
  });

  it("keeps its certificate while a key of another one is in the folder, and says so once", async () => {
    const before = writeKeyPair(folder);
    await start();
    writeOtherCertificate(folder);
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalled(), { timeout: 10_000 });
    await clock.sleep(100_000);
    expect(log.warn).toHaveBeenCalledOnce();
    expect(await askTrusting(before)).toMatchObject({ verdict: "Passed" });
  });

  it("does not start without a certificate", async () => {
    await expect(start()).rejects.toThrow("tls.crt");
  });
});
