import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../testing/checks.ts";
import {
  processesFor,
  readTransferEnd,
  sharedAttempt,
  sharedCommand,
  type SharedRequest,
} from "./sharedHttp.ts";

const request = (target: string, port = 80): SharedRequest => ({
  check: check(0, { port }),
  target,
  timeoutMs: 2_000,
});
const places = (requests: readonly SharedRequest[]) =>
  requests.map(({ target, check: { port } }) => `${target} ${port}`);

describe("the processes for http requests", () => {
  it("have each address and port once, and together every request", () => {
    const requests = fc.array(
      fc.record({ target: fc.constantFrom("192.0.2.1", "2001:db8::1", "192.0.2.3"), port: fc.nat(30) }),
    );
    fc.assert(
      fc.property(requests, (asked) => {
        const all = asked.map(({ target, port }) => request(target, port + 1));
        const processes = processesFor(all);
        expect(processes.flatMap(places).toSorted()).toEqual(places(all).toSorted());
        for (const each of processes) {
          expect(new Set(places(each)).size).toBe(each.length);
          expect(each.length).toBeLessThanOrEqual(24);
        }
      }),
    );
  });

  it("are apart for requests that verify a certificate", () => {
    const [plain, other] = [request("192.0.2.1"), request("192.0.2.2")];
    const tls = (more: object): SharedRequest => ({
      ...request("192.0.2.3"),
      check: check(0, { scheme: "HTTPS", ...more }),
    });
    const [verifying, trusting] = [tls({}), tls({ insecureSkipTLSVerify: true })];
    expect(processesFor([plain, verifying, verifying, trusting, other])).toEqual([
      [plain, trusting, other],
      [verifying],
      [verifying],
    ]);
  });

  it("are one for a full pod of different targets", () => {
    const all = Array.from({ length: 24 }, (_, host) => request(`192.0.2.${host}`));
    expect(processesFor(all)).toEqual([all]);
  });
});

describe("the command of a process", () => {
  it("has the options of each transfer, and its own files", () => {
    const named = { ...request("2001:db8::1", 8443), timeoutMs: 500 };
    const headers = [{ name: "X-Tenant", value: "@/etc/passwd" }];
    const requests = [
      request("192.0.2.1"),
      { ...named, check: check(1, { scheme: "HTTPS", port: 8443, host: "a.example", headers }) },
    ];
    const files = { beats: "/run/b", headers: (index: number) => `/run/${index}` };
    const each = "-s --noproxy * --no-sessionid";
    const output = (index: number) => `-o /dev/null -D /run/${index} -w #${index} %{json}\n`;
    expect(sharedCommand(requests, files).join(" ")).toBe(
      [
        "curl -q --parallel --parallel-immediate --parallel-max 3",
        `${each} --no-buffer -o - --unix-socket /run/b http://beats/`,
        `--next ${each} --connect-timeout 2 --max-time 2 ${output(0)} --globoff --path-as-is http://192.0.2.1:80/`,
        `--next ${each} --connect-timeout 0.5 --max-time 0.5 ${output(1)} --globoff --path-as-is`,
        "--connect-to ::[2001:db8::1]:8443 --header X-Tenant: @/etc/passwd https://a.example:8443/",
      ].join(" "),
    );
  });
});

const written = {
  exitcode: 0,
  errormsg: null,
  http_code: 0,
  num_connects: 1,
  size_download: 2,
  size_header: 0,
  time_connect: 0.001,
  time_total: 0.002,
};

describe("a line of the output", () => {
  it("is the end of a transfer with the index of its request", () => {
    expect(readTransferEnd(`#7 ${JSON.stringify(written)}`)).toEqual({ index: 7, written });
  });

  it.each(["#7 ", "#7 {}", '#7 {"exitcode"'])("is an end that cannot be read: %s", (line) => {
    expect(readTransferEnd(line)).toEqual({ index: 7, written: undefined });
  });

  it.each(["", "7 {}", "#7", "#-1 {}", " #1 {}"])("is a beat: '%s'", (line) => {
    expect(readTransferEnd(line)).toBeUndefined();
  });
});

describe("the attempt of a transfer in a shared process", () => {
  const headers = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  it.each([
    ["an answer", { http_code: 200 }, { outcome: "Answered", matchesRequest: true, latencyMs: 2 }],
    ["silence", { exitcode: 28, num_connects: 0 }, { outcome: "NoReply" }],
    [
      "silence after the connection",
      { exitcode: 28, errormsg: "timed out" },
      { outcome: "Connected", wentSilent: true, latencyMs: 1, hint: "timed out" },
    ],
    ["a close without an answer", { exitcode: 52 }, { outcome: "Connected", latencyMs: 1 }],
  ])("is complete for %s", (_, more, expected) => {
    expect(sharedAttempt({ ...written, ...more }, headers, check(0))).toMatchObject(expected);
  });

  it.each([
    ["a failure to connect, whose errno only a trace has", { exitcode: 7, num_connects: 0 }],
    ["failed TLS, whose connect only a trace times", { exitcode: 35, time_connect: 0 }],
    ["an answer over a connection that was there before", { http_code: 200, num_connects: 0 }],
    ["silence after an answer over such a connection", { http_code: 200, exitcode: 28, num_connects: 0 }],
    ["headers of which not all could be written", { http_code: 200, size_header: headers.length + 1 }],
    ["an answer that curl could not write", { http_code: 200, exitcode: 23 }],
    ["an answer for which curl had no memory", { http_code: 200, exitcode: 27 }],
  ])("is left to a process of its own for %s", (_, more) => {
    expect(sharedAttempt({ ...written, ...more }, headers, check(0))).toBeUndefined();
  });
});
