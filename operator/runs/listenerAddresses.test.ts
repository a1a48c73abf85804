import { describe, expect, it } from "vitest";
import { BEGAN, later, probePod, probeRun } from "../testing/objects.ts";
import { checksWithAddresses, waitDeadline } from "./listenerAddresses.ts";

const listener = { name: "listener", source: "Node/far", witness: { node: "far", podNetwork: true } };
const dialer = { name: "dialer", source: "Node/near", witness: { node: "near", podNetwork: true } };
const run = probeRun({
  spec: {
    pods: [listener, dialer],
    paths: (["IPv4", "IPv6"] as const).map((family, id) => ({
      id,
      expectation: "witness",
      expect: "Allowed",
      from: "Node/near",
      to: "Node/far",
      kind: "Pod",
      pod: "dialer",
      check: { path: id, tool: "tcp", family, port: 9_797 },
      backends: [{ name: "listener", uid: "", node: "far" }],
    })),
  },
});
const { spec } = run;
const [, planned] = spec.pods;
if (planned === undefined) throw new Error("the plan has two pods");

const seen = (ips: readonly string[], nodeName = "far") =>
  new Map([
    [
      "listener",
      probePod("listener", run, { spec: { nodeName }, status: { podIPs: ips.map((ip) => ({ ip })) } }),
    ],
  ]);
const status = (phase: "Pending" | "Finished" | "NotRun") => ({
  phase: "Pending" as const,
  pods: [{ name: "listener", phase }],
  results: [],
});

describe("the pods of a look wait", () => {
  it.each([
    ["before the listener is created", { spec, pods: new Map() }],
    ["before it has an address", { spec, pods: seen([]), status: status("Pending") }],
  ])("%s, for ten seconds", (_, witnesses) => {
    expect(waitDeadline(witnesses, BEGAN, later(9_999))).toEqual(later(10_000));
    expect(waitDeadline(witnesses, BEGAN, later(10_000))).toBeUndefined();
  });

  it.each([
    ["once it has an address", { spec, pods: seen(["10.1.2.3"]) }],
    ["where it does not run", { spec, pods: new Map(), status: status("NotRun") }],
    ["where it has ended", { spec, pods: new Map(), status: status("Finished") }],
    ["where nobody listens", { spec: { ...spec, pods: [] }, pods: new Map() }],
  ])("not %s", (_, witnesses) => {
    expect(waitDeadline(witnesses, BEGAN, later(0))).toBeUndefined();
  });
});

describe("who connects to a listener", () => {
  it("gets its address of each family", () => {
    const checks = checksWithAddresses(planned, { spec, pods: seen(["10.1.2.3", "fd00::3"]) });
    expect(checks?.map(({ address }) => address)).toEqual(["10.1.2.3", "fd00::3"]);
  });

  it.each([
    ["it is not there", new Map()],
    ["it has no address of one of the families", seen(["10.1.2.3"])],
    ["it runs on another node", seen(["10.1.2.3", "fd00::3"], "elsewhere")],
  ])("is not created as long as %s", (_, pods) => {
    expect(checksWithAddresses(planned, { spec, pods })).toBeUndefined();
  });
});
