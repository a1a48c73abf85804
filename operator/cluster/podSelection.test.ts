import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { probeGrantSchema, type ProbeGrant } from "../../crds/probegrant.ts";
import { pod } from "../testing/objects.ts";
import {
  accessibleNamespaces,
  grantedPods,
  noPodsProblem,
  selectPods,
  type Selection,
} from "./podSelection.ts";
import { snapshotOf } from "./snapshot.ts";
import type { WorkloadPod } from "./workloadPod.ts";

const ui = { matchLabels: { app: "ui" } };
const every = {};

interface Granted {
  readonly name?: string;
  readonly namespace?: string;
  readonly to?: readonly string[];
  readonly sources?: object;
  readonly targets?: object;
}

function grant({ name = "grant", namespace = "vault", to = ["shop"], ...parts }: Granted): ProbeGrant {
  const { sources, targets } = parts;
  return probeGrantSchema.parse({
    metadata: { name, namespace, uid: `uid-${name}` },
    spec: {
      to: to.map((one) => ({ namespace: one })),
      ...(sources && { sources: { podSelector: sources } }),
      ...(targets && { targets: { podSelector: targets } }),
    },
  });
}

const running = [
  pod("own", { labels: { app: "ui" } }),
  pod("granted", { namespace: "vault", labels: { app: "ui", tier: "front" } }),
  pod("other", { namespace: "vault", labels: { app: "ui", tier: "back" } }),
  pod("gone", { namespace: "vault", labels: { app: "ui", tier: "front" }, status: { phase: "Failed" } }),
  pod("third", { namespace: "store", labels: { app: "ui" } }),
];
const snapshotOfPods = (all: readonly WorkloadPod[]) =>
  snapshotOf({
    pods: Map.groupBy(all, ({ metadata }) => metadata.namespace),
    services: new Map(),
    policies: new Map(),
  });
const labelled = (team: string) => ({ team });
const namespaces = new Map([
  ["shop", labelled("a")],
  ["store", labelled("a")],
  ["vault", labelled("b")],
]);
const front = { matchLabels: { tier: "front" } };

function selected(selection: Selection, grants: readonly ProbeGrant[] = [], own = "shop") {
  const found = selectPods(selection, { own, grants, namespaces, ...snapshotOfPods(running) });
  return found.map(({ pod: { metadata }, grant: by }) =>
    by === undefined ? metadata.name : `${metadata.name} by ${by}`,
  );
}

const from = (fields: Partial<Selection>): Selection => ({ podSelector: ui, role: "sources", ...fields });

describe("the pods that a selection means", () => {
  it("are the test's own where it names no namespace, or its own one", () => {
    expect(selected(from({}))).toEqual(["own"]);
    expect(selected(from({ namespace: "shop" }))).toEqual(["own"]);
  });

  it.each<[string, readonly ProbeGrant[], readonly string[]]>([
    ["nothing without a grant", [], []],
    ["what both the grant and the selector select", [grant({ sources: front })], ["granted by vault/grant"]],
    ["nothing by a grant to another namespace", [grant({ sources: every, to: ["store"] })], []],
    ["nothing by a grant of another namespace", [grant({ sources: every, namespace: "store" })], []],
    ["nothing by a grant of targets alone", [grant({ targets: every })], []],
    [
      "what any of several grants gives, by the first of them",
      [grant({ name: "b", sources: every }), grant({ name: "a", sources: front })],
      ["granted by vault/a", "other by vault/b"],
    ],
  ])("are in a foreign namespace %s", (_, grants, found) => {
    expect(selected(from({ namespace: "vault" }), grants)).toEqual(found);
  });

  it("are, by a namespaceSelector, the own ones and those granted, of the namespaces with these labels", () => {
    const targets = (team: string): Selection => ({
      namespaceSelector: { matchLabels: { team } },
      role: "targets",
    });
    expect(selected(targets("a"))).toEqual(["own"]);
    expect(selected(targets("a"), [grant({ namespace: "store", targets: ui })])).toEqual([
      "own",
      "third by store/grant",
    ]);
    expect(selected(targets("b"), [grant({ namespace: "store", targets: ui })])).toEqual([]);
  });

  it("are sources also in their init containers, and targets only while they run", () => {
    const starting = [pod("starting", { labels: { app: "ui" }, status: { phase: "Pending" } })];
    const scope = { own: "shop", grants: [], namespaces, ...snapshotOfPods(starting) };
    const found = (role: Selection["role"]) => selectPods(from({ role }), scope).map((one) => one.pod);
    expect([found("sources"), found("targets")]).toEqual([starting, []]);
  });

  it("need no grant where the test has no namespace of its own", () => {
    expect(selected(from({ namespaceSelector: {} }), [], "")).toEqual(["own", "third", "granted", "other"]);
    expect(selected(from({ namespaceSelector: { matchLabels: { team: "b" } } }), [], "")).toEqual([
      "granted",
      "other",
    ]);
  });
});

interface Nobody {
  readonly selection: Selection;
  readonly grants?: readonly ProbeGrant[];
  readonly says: string;
}

const db = { matchLabels: { app: "db" } };
const nobody: Readonly<Record<string, Nobody>> = {
  "not granted": {
    selection: from({ namespace: "vault" }),
    says: "NotGranted: no ProbeGrant lets namespace shop use pods of namespace vault as sources",
  },
  "of namespaces, not granted": {
    selection: { namespaceSelector: { matchLabels: { team: "b" } }, role: "targets" },
    says: "NotGranted: no ProbeGrant lets namespace shop use pods of such namespaces as targets",
  },
  "granted other pods": {
    selection: from({ namespace: "vault" }),
    grants: [grant({ sources: db })],
    says: "SourceNotFound: no running pod granted to this namespace matches the source's podSelector",
  },
  "of its own namespace": {
    selection: from({ podSelector: db }),
    says: "SourceNotFound: no running pod matches the source's podSelector",
  },
};

describe("a selection that means no pod", () => {
  it.each(Object.entries(nobody))("says why: %s", (_, { selection, grants = [], says }) => {
    const { reason, message } = noPodsProblem(selection, { own: "shop", grants, namespaces });
    expect(`${reason}: ${message}`).toBe(says);
  });

  it("of a test without a namespace says whether there are such namespaces", () => {
    const selection = from({ namespaceSelector: { matchLabels: { team: "z" } } });
    const { message } = noPodsProblem(selection, { own: "", grants: [], namespaces });
    expect(message).toBe("no namespace matches the source's selectors");
  });
});

const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("x", "y"));
const selector = fc.record({ matchLabels: labels });
const role = fc.constantFrom("sources" as const, "targets" as const);
const somePods = fc.array(fc.tuple(fc.constantFrom("vault", "store"), labels), { maxLength: 6 });
const someGrants = fc.array(
  fc.record(
    {
      namespace: fc.constantFrom("vault", "store"),
      to: fc.constantFrom(["shop"], ["other"]),
      sources: selector,
      targets: selector,
    },
    { requiredKeys: ["namespace", "to"] },
  ),
  { maxLength: 3 },
);
const selection = fc.oneof(
  fc.record({ role, podSelector: selector, namespace: fc.constantFrom("vault", "store", "missing") }),
  fc.record({ role, podSelector: selector, namespaceSelector: selector }),
);

describe("for any grants", () => {
  const everyCase = (check: (found: ReturnType<typeof world>) => void) =>
    fc.assert(fc.property(somePods, someGrants, selection, (...parts) => check(world(parts))));

  function world([inside, granted, asked]: [[string, Record<string, string>][], Granted[], Selection]) {
    const all = inside.map(([namespace, own], index) => pod(`pod-${index}`, { namespace, labels: own }));
    const grants = granted.map((one, index) => grant({ ...one, name: `grant-${index}` }));
    const scope = { own: "shop", grants, namespaces };
    return { all, grants, scope, asked, seen: snapshotOfPods(all) };
  }

  it("no pod is meant that no grant to the namespace selects", () => {
    everyCase(({ grants, scope, asked, seen }) => {
      const toShop = grants.filter(({ spec }) => spec.to.some(({ namespace }) => namespace === "shop"));
      for (const { pod: found } of selectPods(asked, { ...scope, ...seen })) {
        const ofThere = toShop.filter(({ metadata }) => metadata.namespace === found.metadata.namespace);
        expect(grantedPods([found], ofThere)).toEqual([found]);
      }
    });
  });

  it("the message for a selector without a granted pod depends neither on the pods there nor on whether the namespace exists", () => {
    everyCase(({ scope, asked }) => {
      const said = noPodsProblem(asked, scope);
      const isOpen = accessibleNamespaces(asked, scope).length > 0;
      expect(said.reason === "NotGranted").toBe(!isOpen);
      const askMissing = asked.namespace === undefined ? asked : { ...asked, namespace: "missing" };
      const { message } = noPodsProblem(askMissing, { ...scope, grants: [] });
      const ofMissing = message.replaceAll("missing", asked.namespace ?? "");
      expect(isOpen ? ofMissing : said.message).toBe(ofMissing);
    });
  });
});
