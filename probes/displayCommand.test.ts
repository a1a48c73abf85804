import { expect, it } from "vitest";
import { displayCommand } from "./displayCommand.ts";
import { check, probing } from "./testing/checks.ts";

const byName = { address: undefined, host: "api.example" } as const;

it.each([
  [
    check(0, { tool: "tcp", address: "10.96.31.7", port: 3306 }),
    "curl -sS --connect-timeout 2 telnet://10.96.31.7:3306",
  ],
  [
    check(0, { tool: "tcp", address: "2001:db8::1", port: 53 }),
    "curl -sS --connect-timeout 2 'telnet://[2001:db8::1]:53'",
  ],
  [check(0, { tool: "tcp", ...byName }), "curl -sS -4 --connect-timeout 2 telnet://api.example:80"],
  [check(0, { urlPath: "/a?b=c" }), "curl -sS --connect-timeout 2 'http://192.0.2.2:80/a?b=c'"],
  [
    check(0, { urlPath: "/it's/{x}" }),
    String.raw`curl -sS --connect-timeout 2 -g 'http://192.0.2.2:80/it'\''s/{x}'`,
  ],
  [
    check(0, { host: "catalog" }),
    "curl -sS --connect-timeout 2 --resolve catalog:80:192.0.2.2 http://catalog:80/",
  ],
  [check(0, { family: "IPv6", ...byName }), "curl -sS --connect-timeout 2 -6 http://api.example:80/"],
  [check(0, { tool: "icmp" }), "ping -n -c 1 -W 2 192.0.2.2"],
  [check(0, { tool: "icmp", ...byName }), "ping -n -4 -c 1 -W 2 api.example"],
  [check(0, { tool: "dns", ...byName }), "nslookup -type=A -timeout=2 api.example"],
  [
    check(0, { tool: "dns", host: "api.example", address: "10.96.0.10" }),
    "nslookup -type=A -timeout=2 api.example 10.96.0.10",
  ],
])("shows what a person would type: $tool", (asked, command) => {
  expect(displayCommand(asked, probing())).toBe(command);
});

it("is never longer than 512 letters", () => {
  const command = displayCommand(check(0, { urlPath: `/${"x".repeat(1_000)}` }), probing());
  expect(command).toHaveLength(512);
  expect(command).toMatch(/^curl .*x…$/);
});

it("waits as long as the probe", () => {
  expect(displayCommand(check(0, { tool: "icmp" }), probing({ timeout: "500ms" }))).toContain("-W 0.5 ");
});
