import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeServer, json, list, startFakeServer } from "../testing/fakeServer.ts";
import { type Api, createApi } from "./api.ts";
import {
  clusterConnectivityTestsPath,
  connectivityTestsPath,
  endpointSlicesPath,
  nodesPath,
  podsPath,
  probeRunsPath,
  servicesPath,
} from "./resourcePaths.ts";

let server: FakeServer;
let api: Api;

beforeEach(async () => {
  server = await startFakeServer();
  api = createApi({ kubeConfig: server.kubeConfig });
});
afterEach(async () => {
  await api.close();
  await server.close();
});

const asIs = (raw: unknown) => raw;

describe("a list", () => {
  it("reads a list to its last page", async () => {
    server.answer(list([1, 2], "7", "token"), list([3], "7"));
    const query = { fieldSelector: "spec.restartPolicy=Never" };
    expect(await api.list(podsPath(), asIs, query)).toEqual([1, 2, 3]);
    expect(server.requests.map((request) => request.query)).toEqual([
      { fieldSelector: "spec.restartPolicy=Never", limit: "250" },
      { fieldSelector: "spec.restartPolicy=Never", limit: "250", continue: "token" },
    ]);
  });

  it("keeps of a page what was parsed before it asks for the next one", async () => {
    const parsed: unknown[] = [];
    let before: unknown[] = [];
    server.answer(list([1, 2], "7", "token"), (...asked) => {
      before = [...parsed];
      list([3], "7")(...asked);
    });
    await api.list(podsPath(), (raw) => parsed.push(raw));
    expect([before, parsed]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it("fails at an object that cannot be parsed", async () => {
    server.answer(list([1, 2]));
    const broken = new Error("unreadable");
    const read = () => {
      throw broken;
    };
    await expect(api.list(podsPath(), read)).rejects.toBe(broken);
  });

  it.each([
    [probeRunsPath(), "25"],
    [connectivityTestsPath(), "25"],
    [clusterConnectivityTestsPath(), "25"],
    [nodesPath(), "50"],
    [endpointSlicesPath("shop"), "100"],
    [servicesPath("shop"), "250"],
  ])(
    "asks for pages of %s with %s objects, so that no page is more than a few megabytes",
    async (at, limit) => {
      server.answer(list([]));
      await api.list(at, asIs);
      expect(server.requests[0]?.query).toEqual({ limit });
    },
  );

  it("takes a list of null items for an empty one", async () => {
    server.answer(json({ metadata: { resourceVersion: "1" }, items: null }));
    expect(await api.list(podsPath(), asIs)).toEqual([]);
  });
});
