import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { markdownTable } from "../../crds/generator/markdownTable.ts";
import type { PlannedPath, ProbeRunSpec } from "../../crds/proberun/proberun.ts";
import { firstRun, followUpOf, judgedAgain, lookFrom, sameAsBefore } from "../testing/followUps.ts";
import { liveSource, type PathSketch } from "../testing/probeRuns.ts";
import {
  contextOfScene,
  planOfDenial,
  RESOLVER_ADDRESS,
  type WitnessScene,
} from "../testing/witnessScene.ts";
import { planWitnesses } from "./witnessPlan.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/witnesses.md"), "utf8");

type Fields = Parameters<typeof planOfDenial>[0];

const tcp = (port: number) => ({ tcp: { port } });

/** What the witnesses on the host network of nodes try: `node-2 tcp 10.1.0.2:80`. */
const triedBy = (spec: ProbeRunSpec | undefined) =>
  (spec?.paths ?? [])
    .filter(({ kind }) => kind === "Address")
    .map(
      ({ from, check: { tool, address, port } }) =>
        `${from.replace("Node/", "")} ${tool} ${address}${port === undefined ? "" : `:${port}`}`,
    );

/** What the witnesses of a run try. */
const planned = (fields: Fields, scene: WitnessScene = {}) =>
  triedBy(planWitnesses({ metadata: { namespace: "shop" }, spec: planOfDenial(fields, scene) }));

/** What the witnesses of the follow-up run try, once it is known where the path has led. */
const followedUp = (path: PathSketch, scene: WitnessScene = {}) =>
  triedBy(followUpOf(firstRun([path, liveSource]), contextOfScene(scene), sameAsBefore)?.witness?.spec);

const led = (address: string): PathSketch => ({
  kind: "Host",
  to: "db.example",
  check: { address: undefined, host: "db.example", port: 8080 },
  backends: [],
  backendCount: 0,
  samples: ".....",
  result: { address },
});
const resolver = (address: string): PathSketch => ({
  ...led(address),
  kind: "Resolver",
  to: "the pod's resolver",
  check: { tool: "dns", address: undefined, port: undefined, host: "db.example" },
});
/** An endpoint that is expected to be open and is closed: the follow-up run asks a witness why. */
const closed = (name: string, address: string, { uid, port }: { uid: string; port: number }): PathSketch => ({
  expect: "Allowed",
  to: `Service/${name}`,
  kind: "Endpoint",
  check: { address, port },
  backends: [{ name: address, uid, node: "node-3" }],
  samples: ".....",
});

const inVault = { namespaceSelector: { matchLabels: { name: "vault" } } };
const OUTSIDE = "8.8.8.8";
const listed = { allow: ["8.8.8.0/24"] };

/** One row of the table: its cells, and what is tried in its situations. */
interface Row {
  readonly cells: readonly [target: string, permitted: string, tries: string, learns: string];
  readonly shows: readonly (readonly [tried: readonly string[], expected: readonly string[]])[];
}

const NOTHING = "nothing";

const ROWS: readonly Row[] = [
  {
    cells: [
      "pods of the test's own namespace, by labels, by `ip` or by a Service there",
      "always",
      "each pod, at the port of the expectation, or by ping",
      "whether the pod accepts connections at that port",
    ],
    shows: [
      [
        planned({ to: { podSelector: { matchLabels: { app: "api" } } }, ...tcp(9) }),
        ["node-2 tcp 10.1.0.2:9"],
      ],
      [planned({ to: { ip: "10.1.0.2" }, icmp: {} }), ["node-2 icmp 10.1.0.2"]],
      [planned({ to: { service: { name: "api" } }, ...tcp(80) }), ["node-2 tcp 10.1.0.2:8080"]],
      [followedUp(led("10.1.0.2")), ["node-2 tcp 10.1.0.2:8080"]],
    ],
  },
  {
    cells: [
      "a Service of another namespace",
      "always: a test may name any Service",
      "its endpoints that are pods of its own namespace, at their target port; of a headless Service also at its own port",
      "whether an endpoint accepts connections at a port that the Service publishes; not the names of the pods",
    ],
    shows: [
      [
        planned({ to: { service: { name: "vault", namespace: "vault" } }, ...tcp(80) }),
        ["node-3 tcp 10.2.0.1:8080"],
      ],
      [
        planned({ to: { service: { name: "db", namespace: "store" } }, ...tcp(80) }),
        ["node-4 tcp 10.3.0.1:80", "node-4 tcp 10.3.0.1:3306"],
      ],
      [
        followedUp(closed("vault.vault", "10.2.0.1", { uid: "uid-vault-0", port: 8080 })),
        ["node-3 tcp 10.2.0.1:8080"],
      ],
    ],
  },
  {
    cells: [
      "pods of another namespace, by labels",
      "by a ProbeGrant there, with `targets`",
      "each granted pod, at the port of the expectation, or by ping",
      "the names and addresses of the granted pods, and whether they accept connections at that port",
    ],
    shows: [
      [
        planned(
          { to: { ...inVault, podSelector: { matchLabels: { app: "vault" } } }, ...tcp(9) },
          { isGranted: true },
        ),
        ["node-3 tcp 10.2.0.1:9"],
      ],
      [planned({ to: inVault, ...tcp(9) }), []],
    ],
  },
  {
    cells: [
      "an address (`ip`, `dns.server`) of a pod of another namespace, or a `host` that leads to one",
      "never: neither by a ProbeGrant nor by a Service that the test names",
      NOTHING,
      "nothing, unless another expectation of the test proves that port: verdict and message are those for an address of no pod",
    ],
    shows: [
      [planned({ to: { ip: "10.2.0.1" }, ...tcp(8080) }), []],
      [planned({ to: { ip: "10.2.0.2" }, icmp: {} }, { isGranted: true }), []],
      [planned({ to: { ip: "10.2.0.2" }, ...tcp(8080) }, { allow: ["10.2.0.0/16"] }), []],
      [planned({ dns: { name: "a.example.", server: "10.4.0.1" } }), []],
      [followedUp(led("10.2.0.1"), { isGranted: true }), []],
      [followedUp(resolver("10.2.0.1"), { allow: ["10.2.0.0/16"] }), []],
    ],
  },
  {
    cells: [
      "a Service whose EndpointSlice, written by hand, has the address of a pod of another namespace",
      "never",
      NOTHING,
      "nothing",
    ],
    shows: [
      [planned({ to: { service: { name: "by-hand" } }, ...tcp(80) }), []],
      [followedUp(closed("by-hand", "10.2.0.2", { uid: "uid-hidden-0", port: 9100 })), []],
    ],
  },
  {
    cells: [
      "an address outside the cluster, of a node, or of a pod on the network of its node; also as an endpoint of a Service, or if a `host` leads to it",
      "by the administrator, with a range in `NETVERDICT_WITNESS_ALLOW` (by default none)",
      "that address, at the port of the expectation, or by ping, from a node: no policy of the test's namespace applies to it",
      "whether the address accepts connections at that port from a node of the cluster",
    ],
    shows: [
      [planned({ to: { ip: OUTSIDE }, ...tcp(443) }, listed), ["node-1 tcp 8.8.8.8:443"]],
      [planned({ to: { ip: OUTSIDE }, ...tcp(443) }), []],
      [planned({ to: { ip: "10.5.0.1" }, ...tcp(443) }), []],
      [planned({ to: { ip: "169.254.169.254" }, ...tcp(80) }), []],
      [followedUp(led(OUTSIDE), listed), ["near tcp 8.8.8.8:8080"]],
      [followedUp(led(OUTSIDE)), []],
      [followedUp(resolver(OUTSIDE)), []],
    ],
  },
  {
    cells: [
      "the cluster's API server, by its Service or by its addresses",
      "always",
      "that address, at the port of the API server",
      "whether the API server accepts connections",
    ],
    shows: [
      [planned({ to: { ip: "10.96.0.1" }, ...tcp(443) }), ["node-1 tcp 10.96.0.1:443"]],
      [planned({ to: { ip: "10.96.0.1" }, ...tcp(6443) }), []],
    ],
  },
  {
    cells: [
      "the source's own resolver, at a cluster address (`dns` without `server`)",
      "always: the source queries it anyway",
      "each server of that Service, at the port of the server, and the cluster address, with one fixed query",
      "whether these servers answer",
    ],
    shows: [
      [followedUp(resolver(RESOLVER_ADDRESS)), [`near dns ${RESOLVER_ADDRESS}`, "node-5 dns 10.4.0.1:5353"]],
    ],
  },
  {
    cells: [
      "a pod of any namespace, by any of these ways, in a ClusterConnectivityTest",
      "always: only administrators write these tests",
      "each pod, at the port of the expectation, or by ping",
      "whether the pod accepts connections at that port",
    ],
    shows: [
      [planned({ to: { ip: "10.2.0.2" }, ...tcp(9) }, { namespace: "" }), ["node-3 tcp 10.2.0.2:9"]],
      [planned({ to: { ip: OUTSIDE }, ...tcp(443) }, { namespace: "" }), []],
    ],
  },
];

describe("a witness tries", () => {
  it.each(ROWS)("what the table says: $cells.0", ({ shows }) => {
    expect(shows.map(([tried]) => tried)).toEqual(shows.map(([, expected]) => expected));
  });

  it("what docs/witnesses.md says, in the same words", () => {
    const head = ["target", "a witness is permitted", "it tries", "the author of the test learns"];
    expect(PAGE).toContain(
      `\n\n${markdownTable(
        head,
        ROWS.map(({ cells }) => cells),
      )}\n\n`,
    );
  });
});

describe("a denied address of another namespace's pod", () => {
  const telling = {
    probes: ({ expect: asked }: PlannedPath) => (asked === "Denied" ? "....." : "CCCCC"),
    witnesses: () => "CCCCCCCC",
  };

  function judged(address: string, port: number) {
    const spec = planOfDenial({ to: { ip: address }, ...tcp(port) });
    const [path] = spec.paths.filter(({ expect: asked }) => asked === "Denied");
    const { looks, verdict, reason, message } = judgedAgain(lookFrom("node-1", spec, telling), {
      on: contextOfScene({}),
      telling,
    });
    const { kind, backends, witness, linkWitness } = path ?? {};
    const plan = { kind, backends, witness, linkWitness };
    return { looks, verdict, reason, plan, message: message.replaceAll(`${address}:${port}`, "ADDRESS") };
  }

  it("has the plan, the verdict and the message of an address of no pod, at each port", () => {
    const nowhere = judged("10.9.9.9", 8080);
    expect(nowhere).toMatchObject({ looks: 1, verdict: "Inconclusive", reason: "TargetNotProven" });
    expect(nowhere.plan).toEqual({
      kind: "Address",
      backends: [],
      witness: undefined,
      linkWitness: undefined,
    });
    expect(nowhere.message).toContain("ADDRESS: no reply");
    expect([judged("10.2.0.1", 8080), judged("10.2.0.1", 1), judged("10.2.0.2", 9100)]).toEqual([
      nowhere,
      nowhere,
      nowhere,
    ]);
  });
});
