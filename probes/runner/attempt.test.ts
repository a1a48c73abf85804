import { describe, expect, it } from "vitest";
import {
  connectedThen,
  dependencies,
  dropped,
  ended,
  HEADERS,
  lookedUp,
  written,
} from "../testing/attempts.ts";
import { check } from "../testing/checks.ts";
import type { Exit } from "../tools/tool.ts";
import { tryOnce } from "./attempt.ts";

const byName = check(0, { address: undefined, host: "api.example" });

describe("one attempt", () => {
  it("dials the address without asking the resolver", async () => {
    const by = dependencies({});
    expect(await tryOnce(check(0, { host: "catalog" }), by)).toEqual({
      letter: "A",
      httpStatus: 200,
      latencyMs: 2,
    });
    expect(by.resolve).not.toHaveBeenCalled();
  });

  it("resolves a host first, and says to which address", async () => {
    const by = dependencies({});
    expect(await tryOnce(byName, by)).toMatchObject({ letter: "A", address: "192.0.2.9" });
    expect(by.exec.mock.calls[0]?.[0]).toContain("::192.0.2.9:80");
  });

  it.each([
    ["NameNotFound", "x"],
    ["NoReply", "n"],
  ] as const)("goes no further when resolving ends in %s", async (outcome, letter) => {
    const by = dependencies({ resolved: { outcome, hint: "words" } });
    expect(await tryOnce(byName, by)).toEqual({ letter, hint: "words" });
    expect(by.exec).not.toHaveBeenCalled();
  });

  it.each([
    ["a server that failed", "** server can't find api.example: SERVFAIL\n", "f", "SERVFAIL"],
    ["a name that there is not", "** server can't find api.example: NXDOMAIN\n", "x", "NXDOMAIN"],
    [
      "no server that answered",
      ";; communications error to 192.0.2.53#53: connection refused\n;; no servers could be reached\n",
      "n",
      "connection refused",
    ],
    ["nothing at all", "", "E", "nslookup ended with exit code 1"],
  ] as const)(
    "lets nslookup distinguish a temporary failure from %s",
    async (...[, stdout, letter, hint]) => {
      const by = dependencies({
        resolved: { outcome: "ResolverFailed", hint: "EAI_AGAIN" },
        exits: [lookedUp(stdout)],
      });
      expect(await tryOnce(byName, by)).toEqual({ letter, hint });
      expect(by.exec.mock.calls[0]?.[0].at(-1)).toBe("api.example.");
    },
  );

  it.each([
    ["its only name server", ["10.96.0.10"], { address: "10.96.0.10" }],
    ["none of several", ["10.96.0.10", "10.96.0.11"], {}],
    ["none at a port of its own", ["[fd00::1]:5353"], {}],
    ["none where there is none", [], {}],
  ] as const)("of dns reports %s: %j", async (_, nameServers, told) => {
    const asked = check(0, { tool: "dns", address: undefined, host: "a.example" });
    const silent = lookedUp(";; no servers could be reached\n");
    const tried = await tryOnce(asked, dependencies({ exits: [silent, silent], nameServers }));
    expect(tried).toEqual({ letter: ".", hint: "no servers could be reached", ...told });
  });

  it("of dns asks nslookup alone", async () => {
    const by = dependencies({ exits: [lookedUp("** server can't find a.example: NXDOMAIN\n")] });
    const asked = check(0, { tool: "dns", address: undefined, host: "a.example" });
    expect(await tryOnce(asked, by)).toMatchObject({ letter: "X" });
    expect(by.resolve).not.toHaveBeenCalled();
  });

  describe("of a name that the server is silent about", () => {
    const silence = lookedUp(
      ";; communications error to 192.0.2.53#53: timed out\n;; no servers could be reached\n",
    );
    const asked = check(0, { tool: "dns", host: "a.example", recordType: "SRV", protocol: "TCP" });

    it.each([
      ["there is no such name", "** server can't find kubernetes: NXDOMAIN\n"],
      ["it fails", "** server can't find kubernetes: SERVFAIL\n"],
    ])("is no denial where the same server answers about another that %s", async (_, answer) => {
      const by = dependencies({ exits: [silenceOver("UDP"), { ...lookedUp(answer), elapsedMs: 3 }] });
      const tried = await tryOnce({ ...asked, protocol: "UDP" }, by);
      expect(tried).toEqual({
        letter: "F",
        hint: "no answer about this name, but about others",
        latencyMs: 3,
      });
      const [own, control] = by.exec.mock.calls.map(([line]) => line.join(" "));
      expect(own).toContain("-type=SRV -timeout=2 -retry=1 a.example. 192.0.2.2");
      expect(control).toContain(
        "-type=A -timeout=2 -retry=1 kubernetes.default.svc.cluster.local. 192.0.2.2",
      );
    });

    it("is silence where the server says nothing about another either", async () => {
      const by = dependencies({ exits: [silenceOver("UDP"), silenceOver("UDP")] });
      expect(await tryOnce({ ...asked, protocol: "UDP" }, by)).toEqual({ letter: ".", hint: "timed out" });
    });

    it("says nothing where nslookup could not ask about another", async () => {
      const by = dependencies({ exits: [silenceOver("UDP"), ended({ code: 1, stderr: "out of memory" })] });
      expect(await tryOnce({ ...asked, protocol: "UDP" }, by)).toEqual({
        letter: "E",
        hint: "out of memory",
      });
    });

    it("asks for the other name by TCP where the first was", async () => {
      const by = dependencies({ exits: [silenceOver("TCP"), silenceOver("TCP")] });
      expect(await tryOnce(asked, by)).toMatchObject({ letter: "." });
      expect(by.exec.mock.calls[1]?.[0]).toContain("-vc");
    });

    it("asks no second time where it was that very name", async () => {
      const by = dependencies({ exits: [silenceOver("UDP")] });
      await tryOnce({ ...asked, protocol: "UDP", host: "kubernetes.default.svc.cluster.local." }, by);
      expect(by.exec).toHaveBeenCalledTimes(1);
    });

    function silenceOver(protocol: "UDP" | "TCP"): Exit {
      const failed = ";; Connection to 192.0.2.2#53(192.0.2.2) for a.example failed: timed out.\n";
      return protocol === "UDP" ? silence : lookedUp(`${failed};; no servers could be reached\n`);
    }
  });

  it("gives a tool time for three servers before it is killed", async () => {
    const by = dependencies({});
    await tryOnce(check(0), by);
    expect(by.exec.mock.calls[0]?.[1]).toMatchObject({ limitMs: 7_000 });
  });

  it("says nothing when the tool cannot be started", async () => {
    const by = dependencies({ exits: [new Error("spawn curl ENOENT")] });
    expect(await tryOnce(check(0), by)).toEqual({ letter: "E", hint: "spawn curl ENOENT" });
  });

  it("says nothing when there is nothing to dial", async () => {
    expect(await tryOnce(check(0, { tool: "dns" }), dependencies({}))).toMatchObject({ letter: "E" });
  });

  it("of tcp asks the process that makes the attempts of all, and starts none of its own", async () => {
    const reply = { reply: { id: 1, state: "connected", latencyMs: 0.1 }, elapsedMs: 3 } as const;
    const by = dependencies({ reply });
    const asked = check(0, { tool: "tcp", address: undefined, host: "api.example" });
    expect(await tryOnce(asked, by)).toEqual({ letter: "C", latencyMs: 0.1, address: "192.0.2.9" });
    expect(by.connect).toHaveBeenCalledExactlyOnceWith(asked, "192.0.2.9", 2_000);
    expect(by.exec).not.toHaveBeenCalled();
  });

  it.each([
    ["in time is silence of the network", 2_300, "."],
    ["too late may be the process's own", 2_301, "E"],
  ] as const)("of tcp that hears nothing %s", async (_, elapsedMs, letter) => {
    const by = dependencies({ reply: { reply: { id: 1, state: "silent" }, elapsedMs } });
    expect(await tryOnce(check(0, { tool: "tcp" }), by)).toMatchObject({ letter });
  });

  it("of http is that of the shared process where it has a result, and starts no process", async () => {
    const attempt = { outcome: "Answered", matchesRequest: true, httpStatus: 204, latencyMs: 3 } as const;
    const by = dependencies({ shared: { attempt, elapsedMs: 5, wasLate: true } });
    expect(await tryOnce(byName, by)).toEqual({
      letter: "A",
      httpStatus: 204,
      latencyMs: 3,
      address: "192.0.2.9",
    });
    expect(by.request).toHaveBeenCalledExactlyOnceWith({
      check: byName,
      target: "192.0.2.9",
      timeoutMs: 2_000,
    });
    expect(by.exec).not.toHaveBeenCalled();
  });

  it.each([
    ["that was in time is silence of the network", 2_200, false, "."],
    ["that ended too late may be the process's own", 2_301, false, "E"],
    ["that was late before may be the process's own", 2_000, true, "E"],
  ] as const)(
    "of http that meets silence in a shared process %s",
    async (...[, elapsedMs, wasLate, letter]) => {
      const attempt = { outcome: "NoReply", matchesRequest: false } as const;
      const by = dependencies({ shared: { attempt, elapsedMs, wasLate } });
      expect(await tryOnce(check(0), by)).toMatchObject({ letter });
    },
  );

  it("of http fails where the shared process was killed", async () => {
    const by = dependencies({});
    by.request.mockRejectedValue(new Error("curl ended with SIGKILL"));
    expect(await tryOnce(check(0), by)).toEqual({ letter: "E", hint: "curl ended with SIGKILL" });
    expect(by.exec).not.toHaveBeenCalled();
  });

  it.each([
    ["in time is silence of the network", dropped, 2_200, "."],
    ["too late may be the tool's own", dropped, 2_301, "E"],
    ["in time after a connection is the server's silence", connectedThen(28), 2_200, "c"],
    ["too late after a connection may be the tool's own", connectedThen(28), 2_301, "E"],
  ] as const)("that ends %s", async (...[, exit, elapsedMs, letter]) => {
    const by = dependencies({ exits: [{ ...exit, elapsedMs }] });
    expect(await tryOnce(check(0), by)).toMatchObject({ letter });
  });

  it("that met silence while the runner was starved says nothing", async () => {
    expect(await tryOnce(check(0), dependencies({ exits: [dropped] }))).toEqual({ letter: "." });
    expect(await tryOnce(check(0), dependencies({ exits: [dropped], late: true }))).toMatchObject({
      letter: "E",
    });
  });

  it("that connected and then met silence while the runner was starved says nothing either", async () => {
    const silent = { exits: [connectedThen(28)] };
    expect(await tryOnce(check(0), dependencies(silent))).toMatchObject({ letter: "c", latencyMs: 1 });
    expect(await tryOnce(check(0), dependencies({ ...silent, late: true }))).toMatchObject({ letter: "E" });
  });

  it("that met silence in the middle of an answer while the runner was starved says nothing either", async () => {
    const response = { exitcode: 28, http_code: 200, num_connects: 1, size_download: 600, time_total: 2 };
    const stderr = HEADERS.replace("\r\n", "\r\n12:00:00.000001 < Content-Length: 100000\r\n");
    const exits = [ended({ code: 28, stdout: written(response), stderr })];
    expect(await tryOnce(check(0), dependencies({ exits }))).toMatchObject({
      letter: "a",
      httpStatus: 200,
      unfinished: { received: 600, promised: 100_000 },
    });
    expect(await tryOnce(check(0), dependencies({ exits, late: true }))).toMatchObject({ letter: "E" });
  });

  it("that connected and was then cut off has met the server even so", async () => {
    const cutOff = connectedThen(52);
    expect(await tryOnce(check(0), dependencies({ exits: [cutOff], late: true }))).toMatchObject({
      letter: "c",
    });
  });

  it("that was refused is a refusal even so", async () => {
    const stderr = "12:00:00.1 * connect to 192.0.2.2 port 80 failed: Connection refused\n";
    const refused = ended({ code: 7, stdout: written({ exitcode: 7 }), stderr });
    expect(await tryOnce(check(0), dependencies({ exits: [refused], late: true }))).toMatchObject({
      letter: "R",
    });
  });

  it("that got an answer is an answer even so", async () => {
    expect(await tryOnce(check(0), dependencies({ late: true }))).toMatchObject({ letter: "A" });
  });
});
