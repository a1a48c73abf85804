import { describe, expect, it } from "vitest";
import type { Check } from "../../crds/proberun/plannedpath.ts";
import { check } from "../testing/checks.ts";
import { tools } from "./registry.ts";

const CURL =
  "curl -q -sS --noproxy * --connect-timeout 2 --max-time 2 -v --trace-time -o /dev/null -w %{json}";
const HTTP = `${CURL} --globoff --path-as-is`;
const FAR = "192.0.2.2";

type Row = readonly [asked: Check, target: string, commandLine: string];

function commandLine(asked: Check, target: string): string[] {
  if (asked.tool === "tcp") throw new Error("the attempts of tcp share a process");
  return tools[asked.tool].commandLine(asked, target, 2_000);
}

const https = { scheme: "HTTPS", port: 8443, requestHost: "shop.example" } as const;
const requests: readonly Row[] = [
  [check(0, { urlPath: "/a?b={c}" }), FAR, `${HTTP} http://192.0.2.2:80/a?b={c}`],
  [check(0, { host: "catalog" }), FAR, `${HTTP} --connect-to ::192.0.2.2:80 http://catalog:80/`],
  [check(0, { host: "a.example." }), "::1", `${HTTP} --connect-to ::[::1]:80 http://a.example:80/`],
  [check(0, { host: "1234" }), FAR, `${HTTP} http://192.0.2.2:80/`],
  [check(0, { host: "shop.0x7f" }), FAR, `${HTTP} http://192.0.2.2:80/`],
  [check(0, { method: "HEAD" }), FAR, `${HTTP} --head http://192.0.2.2:80/`],
  [check(0, { method: "OPTIONS" }), FAR, `${HTTP} --request OPTIONS http://192.0.2.2:80/`],
  [check(0, { scheme: "HTTPS", port: 443 }), FAR, `${HTTP} https://192.0.2.2:443/`],
  [check(0, https), FAR, `${HTTP} --connect-to ::192.0.2.2:8443 https://shop.example/`],
  [
    check(0, { ...https, host: "catalog", insecureSkipTLSVerify: true }),
    FAR,
    `${HTTP} --insecure --connect-to ::192.0.2.2:8443 https://shop.example/`,
  ],
  [
    check(0, { headers: [{ name: "X-Tenant", value: 'blue "one"; a=b' }] }),
    FAR,
    `${HTTP} --header X-Tenant: blue "one"; a=b http://192.0.2.2:80/`,
  ],
];

const lookups: readonly Row[] = [
  [own({}), "a.example", "nslookup -type=A -timeout=2 -retry=1 a.example"],
  [own({ family: "IPv6" }), "a", "nslookup -type=AAAA -timeout=2 -retry=1 a"],
  [own({ recordType: "SRV" }), "_a._tcp.b.", "nslookup -type=SRV -timeout=2 -retry=1 _a._tcp.b."],
  [own({ recordType: "A", family: "IPv6" }), "a", "nslookup -type=A -timeout=2 -retry=1 a"],
  [own({ protocol: "TCP" }), "a", "nslookup -vc -type=A -timeout=2 -retry=1 a"],
  [own({ port: 80 }), "a", "nslookup -type=A -timeout=2 -retry=1 a"],
  [own({ address: "fd00::a", port: 5353 }), "a", "nslookup -port=5353 -type=A -timeout=2 -retry=1 a fd00::a"],
  [own({ address: "2001:db8::53" }), "a", "nslookup -type=A -timeout=2 -retry=1 a 2001:db8::53"],
];

function own(more: Partial<Check>): Check {
  return check(0, { tool: "dns", address: undefined, port: undefined, ...more });
}

describe("command lines", () => {
  it.each<Row>([
    [check(0, { tool: "icmp" }), FAR, "ping -n -4 -c 1 -W 2 192.0.2.2"],
    [check(0, { tool: "icmp", family: "IPv6" }), "::1", "ping -n -6 -c 1 -W 2 ::1"],
    ...requests,
    ...lookups,
  ])("of $tool, $host", (asked, target, expected) => {
    expect(commandLine(asked, target).join(" ")).toBe(expected);
  });

  it("hands a header over as one argument, with any content", () => {
    const value = "a; rm -rf / && $(b) `c`";
    const asked = check(0, { headers: [{ name: "X-Hostile", value }] });
    expect(commandLine(asked, FAR)).toContain(`X-Hostile: ${value}`);
  });
});
