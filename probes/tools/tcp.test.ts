import { describe, expect, it } from "vitest";
import { check } from "../testing/checks.ts";
import { tcpAttempt, tcpReplySchema, tcpRequest } from "./tcp.ts";

describe("a request to the program", () => {
  it.each([
    ["192.0.2.2", "192.0.2.2 3306 2000"],
    ["2001:db8::2", "2001:db8::2 3306 2000"],
  ])("names the address, the port and the timeout: %s", (target, line) => {
    expect(tcpRequest(check(0, { tool: "tcp", port: 3306 }), target, 2_000)).toBe(line);
  });

  it("needs a port", () => {
    expect(() => tcpRequest(check(0, { tool: "tcp", port: undefined }), "192.0.2.2", 2_000)).toThrow(
      "the check has no port",
    );
  });
});

describe("a reply of the program", () => {
  it.each([
    ["Connection refused", "Refused"],
    ["Network is unreachable", "Unreachable"],
    ["Connection timed out", "NoReply"],
    ["Cannot assign requested address", "ProbeError"],
    ["socket: Permission denied", "ProbeError"],
    ["an error that nobody knows", "ProbeError"],
  ] as const)("that the connection failed: %s", (error, outcome) => {
    const attempt = tcpAttempt({ id: 1, state: "failed", latencyMs: 0.1, error });
    expect(attempt).toEqual({ outcome, matchesRequest: false, hint: error });
  });

  it.each(["Connection reset by peer", "Broken pipe"])(
    "that the connection was there and has ended, %s, is an open port",
    (error) => {
      const attempt = tcpAttempt({ id: 1, state: "failed", latencyMs: 0.1, error });
      expect(attempt).toEqual({ outcome: "Connected", matchesRequest: true, hint: error, latencyMs: 0.1 });
    },
  );

  it.each([
    [{ id: 1, state: "open" }],
    [{ id: 1, state: "failed", latencyMs: 0.1 }],
    [{ id: 1, state: "connected" }],
    [{ id: 1, state: "connected", latencyMs: -1 }],
    [{ state: "silent" }],
    [{ id: "1", state: "silent" }],
  ])("is not one: %j", (line) => {
    expect(tcpReplySchema.safeParse(line).success).toBe(false);
  });
});
