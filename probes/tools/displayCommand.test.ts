import { expect, it } from "vitest";
import { check, probing } from "../testing/checks.ts";
import { displayCommand } from "./displayCommand.ts";

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
    "curl -sS --connect-timeout 2 --connect-to ::192.0.2.2:80 http://catalog:80/",
  ],
  [check(0, { family: "IPv6", ...byName }), "curl -sS --connect-timeout 2 -6 http://api.example:80/"],
  [check(0, { tool: "icmp" }), "ping -n -c 1 -W 2 192.0.2.2"],
  [check(0, { tool: "icmp", ...byName }), "ping -n -4 -c 1 -W 2 api.example"],
  [check(0, { tool: "dns", ...byName }), "nslookup -type=A -timeout=2 api.example"],
  [
    check(0, {
      tool: "dns",
      host: "_http._tcp.web",
      recordType: "SRV",
      protocol: "TCP",
      address: "2001:db8::53",
      port: undefined,
    }),
    "nslookup -vc -type=SRV -timeout=2 _http._tcp.web 2001:db8::53",
  ],
  [
    check(0, { ...byName, method: "HEAD", scheme: "HTTPS", requestHost: "shop.example", port: 8443 }),
    "curl -sS --connect-timeout 2 -4 --head --connect-to ::api.example:8443 https://shop.example/",
  ],
  [
    check(0, {
      scheme: "HTTPS",
      insecureSkipTLSVerify: true,
      headers: [{ name: "X-Tenant", value: "it's blue" }],
    }),
    String.raw`curl -sS --connect-timeout 2 --insecure --header 'X-Tenant: it'\''s blue' https://192.0.2.2:80/`,
  ],
  [
    check(0, { tool: "dns", host: "api.example", address: "10.96.0.10", port: undefined }),
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

it("cuts the long value of a header", () => {
  const asked = check(0, { headers: [{ name: "X-Long", value: "x".repeat(128) }] });
  expect(displayCommand(asked, probing())).toContain(
    `--header 'X-Long: ${"x".repeat(39)}…' http://192.0.2.2:80/`,
  );
});

it("waits as long as the probe", () => {
  expect(displayCommand(check(0, { tool: "icmp" }), probing({ timeout: "500ms" }))).toContain("-W 0.5 ");
});
