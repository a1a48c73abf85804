import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { readerBy, readerOf } from "./read.ts";

it("reads by kubectl where there is no kubeconfig of the embedded cluster", async () => {
  const calls: (readonly string[])[] = [];
  const read = readerBy(async (args) => {
    calls.push(args);
    return "{}";
  });
  expect(await read("/api/v1/nodes")).toBe("{}");
  expect(calls).toEqual([["get", "--raw", "/api/v1/nodes"]]);
});

it.each([
  ["no user", { clusters: [cluster()], users: [] }, /users/],
  [
    "a user by token",
    { clusters: [cluster()], users: [{ user: { token: "t" } }] },
    /client-certificate-data/,
  ],
  ["no address", { clusters: [{ cluster: { ...cluster().cluster, server: "here" } }], users: [] }, /server/],
])("says what it cannot use of a kubeconfig: %s", async (_, kubeconfig, problem) => {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-read-"));
  onTestFinished(async () => rm(folder, { recursive: true }));
  const file = join(folder, "config");
  await writeFile(file, JSON.stringify(kubeconfig));
  expect(() => readerOf(file)).toThrow(problem);
});

function cluster() {
  return { cluster: { server: "https://192.0.2.1:6443", "certificate-authority-data": "Y2E=" } };
}
