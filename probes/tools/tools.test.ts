import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { checkSchema, type Check } from "../../crds/proberun/plannedpath.ts";
import { outcomeSchema } from "../../crds/vocabulary.ts";
import { canSay, letterOf } from "../samples.ts";
import { check } from "../testing/checks.ts";
import { tools } from "./registry.ts";
import { tcpAttempt, tcpReplySchema } from "./tcp.ts";
import { CASES } from "./testdata/cases.ts";
import { EXPECTED } from "./testdata/expected.ts";
import type { Attempt } from "./tool.ts";

const recordingSchema = z.object({ name: z.string(), check: checkSchema, target: z.string() });
const exitSchema = z.object({
  code: z.number().nullable(),
  signal: z.string().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  elapsedMs: z.number(),
});

interface Recording {
  readonly tool: Check["tool"];
  readonly name: string;
  readonly attempt: Attempt;
}

/** What the real tools said; testdata/record.ts makes these files. */
const recordings: readonly Recording[] = checkSchema.shape.tool.options.flatMap((tool): Recording[] => {
  const data: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, "testdata", `${tool}.json`), "utf8"),
  );
  return tool === "tcp"
    ? z
        .array(recordingSchema.extend({ reply: tcpReplySchema }))
        .parse(data)
        .map(({ name, reply }) => ({ tool, name, attempt: tcpAttempt(reply) }))
    : z
        .array(recordingSchema.extend({ exit: exitSchema }))
        .parse(data)
        .map(({ name, check: asked, exit }) => ({ tool, name, attempt: tools[tool].classify(exit, asked) }));
});

describe("what the real tools said", () => {
  test.for(recordings)("$tool: $name", ({ tool, name, attempt }) => {
    const { unfinished, wentSilent } = attempt;
    const expected = { matchesRequest: false, ...EXPECTED[tool][name] };
    expect(attempt).toMatchObject(expected);
    expect({ unfinished, wentSilent }).toEqual({
      unfinished: expected.unfinished,
      wentSilent: expected.wentSilent,
    });
    const gotThrough =
      attempt.outcome !== "ProbeError" && !["NoReply", "Refused", "Unreachable"].includes(attempt.outcome);
    expect(attempt.latencyMs !== undefined).toBe(gotThrough);
  });

  it("is recorded for every case, and expected of every recording", () => {
    const names = (list: readonly { tool: string; name: string }[]) =>
      list.map(({ tool, name }) => `${tool}: ${name}`).toSorted();
    const expected = Object.entries(EXPECTED).flatMap(([tool, all]) =>
      Object.keys(all).map((name) => ({ tool, name })),
    );
    expect(names(recordings)).toEqual(names(expected));
    expect(names(CASES)).toEqual(names(expected));
  });

  it("covers every outcome", () => {
    const seen = new Set(recordings.map(({ attempt }) => attempt.outcome));
    expect([...seen].toSorted()).toEqual(outcomeSchema.options.toSorted());
  });
});

describe("the latency", () => {
  it.each([
    ["12:00:00.000100", "12:00:00.000900", 0.8],
    ["23:59:59.999500", "00:00:00.000500", 1],
  ])("of a connection is the tool's own, from %s to %s", (trying, at, latencyMs) => {
    const stderr = `${trying} *   Trying 192.0.2.2:80...\n${at} * Connected to 192.0.2.2 (192.0.2.2) port 80 (#0)\n`;
    const stdout =
      '{"exitcode":52,"errormsg":"","http_code":0,"num_connects":1,"size_download":0,"size_header":0,"time_connect":0,"time_total":0}';
    const exit = { code: 52, signal: null, stdout, stderr, elapsedMs: 9 };
    expect(tools.http.classify(exit, check(0))).toMatchObject({
      outcome: "Connected",
      latencyMs,
    });
  });
});

describe("a server that resets the connection as soon as it is there", () => {
  const stdout =
    '{"exitcode":7,"errormsg":"","http_code":0,"num_connects":0,"size_download":0,"size_header":0,"time_connect":0,"time_total":0}';
  const stderr = "12:00:00.000100 * connect to 192.0.2.2 port 9002 failed: Connection reset by peer\n";
  const exit = { code: 7, signal: null, stdout, stderr, elapsedMs: 9 };
  it("is open to http, although curl did not see the connection", () => {
    expect(tools.http.classify(exit, check(0))).toEqual({
      outcome: "Connected",
      matchesRequest: false,
      hint: "Connection reset by peer",
      latencyMs: 9,
    });
  });
});

describe("the statuses that an http check asks for", () => {
  const stdout = (code: number) =>
    JSON.stringify({
      exitcode: 0,
      errormsg: null,
      http_code: code,
      num_connects: 1,
      size_download: 0,
      size_header: 0,
      time_connect: 0,
      time_total: 0,
    });
  it.each([
    [undefined, 399, true],
    [undefined, 400, false],
    [["200"], 200, true],
    [["200"], 201, false],
    [["2xx"], 299, true],
    [["2xx"], 300, false],
    [["404", "5xx"], 503, true],
  ])("%s and %s", (status, code, matchesRequest) => {
    const asked = check(0, status ? { status } : {});
    const stderr = "12:00:00.000001 < HTTP/1.1 200 OK\r\n12:00:00.000002 < \r\n";
    const exit = { code: 0, signal: null, stdout: stdout(code), stderr, elapsedMs: 1 };
    expect(tools.http.classify(exit, asked)).toMatchObject({
      outcome: "Answered",
      matchesRequest,
      httpStatus: code,
    });
  });
});

/** What every tool promises, whatever it met. */
describe.each(Object.entries(tools))("%s", (name, tool) => {
  const asked = check(0, { tool: checkSchema.shape.tool.parse(name) });
  const silent = { code: null, signal: null, stdout: "", stderr: "", elapsedMs: 1 };

  it.each([
    ["ended without a word", { ...silent, code: 0 }],
    ["failed without a word", { ...silent, code: 1 }],
    ["was killed", { ...silent, signal: "SIGKILL" }],
    ["is not there", { ...silent, code: 127, stderr: "not found" }],
    ["said something else", { ...silent, code: 0, stdout: "{}", stderr: "what?" }],
  ])("says nothing about the network when it %s", (_, exit) => {
    expect(tool.classify(exit, asked)).toMatchObject({ outcome: "ProbeError", matchesRequest: false });
    expect(tool.classify(exit, asked).hint).toMatch(/^[!-~][ -~]{0,63}$/);
  });

  it("never takes an argument for an option, and never needs a shell", () => {
    const line = tool.commandLine(asked, "192.0.2.2", 500);
    expect(["curl", "ping", "nslookup"]).toContain(line[0]);
    expect(line.at(-1)).toContain("192.0.2.2");
    expect(line.join(" ")).toMatch(/ -W 0\.5 | --max-time 0\.5 | -timeout=1 /);
  });

  it("never throws, and says only what its tool can say", () => {
    const exits = fc.record({
      code: fc.option(fc.nat({ max: 255 })),
      signal: fc.option(fc.constant("SIGSEGV")),
      stdout: fc.string(),
      stderr: fc.string(),
      elapsedMs: fc.nat(),
    });
    fc.assert(
      fc.property(exits, (exit) => {
        const { outcome, matchesRequest, hint = "" } = tool.classify(exit, asked);
        expect(canSay(asked.tool, letterOf({ outcome, matchesRequest, resolving: false }))).toBe(true);
        expect(hint).toMatch(/^[ -~]{0,64}$/);
      }),
    );
  });
});
