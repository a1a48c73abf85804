import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type FakeServer, json, kubeConfigFor, startFakeServer } from "../testing/fakeServer.ts";
import { selfSignedPair } from "../testing/keyPair.ts";
import { type Connection, createConnection } from "./connection.ts";

type User = Parameters<KubeConfig["loadFromClusterAndUser"]>[1];

let server: FakeServer;
let connection: Connection | undefined;
beforeEach(async () => {
  server = await startFakeServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await connection?.close();
  await server.close();
});

function configFor(user: Partial<User>, path = ""): KubeConfig {
  const config = new KubeConfig();
  const address = server.kubeConfig.getCurrentCluster()?.server ?? "";
  config.loadFromClusterAndUser(
    { name: "fake", server: `${address}${path}`, skipTLSVerify: true },
    { name: "tester", ...user },
  );
  return config;
}

async function ask(config: KubeConfig, times = 1) {
  connection = createConnection(config);
  for (let count = 0; count < times; count += 1) await askAgain();
}

async function askAgain() {
  server.answer(json({}));
  const signal = new AbortController().signal;
  const answer = await connection?.request({
    method: "GET",
    path: "/version",
    headers: {},
    signal,
    inactivity: 1_000,
  });
  await answer?.body.text();
}

describe("a request carries", () => {
  it.each([
    ["a token", { token: "t" }, { authorization: "Bearer t" }],
    ["a name and a password", { username: "u", password: "p" }, { authorization: "Basic dTpw" }],
    ["whom to act as", { token: "t", impersonateUser: "other" }, { "impersonate-user": "other" }],
  ])("%s", async (_, user, headers) => {
    await ask(configFor(user));
    expect(server.requests[0]?.headers).toMatchObject(headers);
  });

  it("the path below that of the cluster", async () => {
    await ask(configFor({}, "/k8s/clusters/c-1/"));
    expect(server.requests[0]?.path).toBe("/k8s/clusters/c-1/version");
  });

  it("the token that its file has now, at most a minute late", async () => {
    const folder = mkdtempSync(join(tmpdir(), "token-"));
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "first");
    await ask(configFor({ authProvider: { name: "tokenFile", config: { tokenFile } } }));
    writeFileSync(tokenFile, "second");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    await askAgain();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer first",
      "Bearer second",
    ]);
    rmSync(folder, { recursive: true });
  });
});

it("a server whose certificate is of another CA gets no request, and so no token", async () => {
  const secure = await startFakeServer({ keyPair: selfSignedPair() });
  const config = kubeConfigFor(secure.kubeConfig.getCurrentCluster()?.server ?? "", selfSignedPair().cert);
  await expect(ask(config)).rejects.toThrow(/certificate|self-signed/);
  expect(secure.connections).toBe(1);
  expect(secure.requests).toEqual([]);
  await secure.close();
});

it("a server that accepts a connection and begins no TLS is given up after five seconds", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = z.object({ port: z.number() }).parse(silent.address());
  const began = performance.now();
  await expect(ask(kubeConfigFor(`https://127.0.0.1:${port}`, selfSignedPair().cert))).rejects.toThrow(
    "Connect Timeout",
  );
  expect(performance.now() - began).toBeGreaterThan(4_000);
  silent.close();
}, 30_000);

describe("the pool of connections", () => {
  it("stays while the certificates are the same, and is another one once they are not", async () => {
    const config = configFor({});
    await ask(config, 10);
    const before = server.connections;
    await askAgain();
    expect(server.connections).toBe(before);
    config.users = [{ name: "tester", certData: "bmV3", keyData: "bmV3" }];
    await askAgain();
    expect(server.connections).toBe(before + 1);
  });

  it("is not made without a cluster", () => {
    expect(() => createConnection(new KubeConfig())).toThrow("no current cluster");
  });
});
