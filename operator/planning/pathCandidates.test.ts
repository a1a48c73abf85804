import { describe, expect, it } from "vitest";
import type { ConnectivityTestSpec } from "../../crds/connectivitytest.ts";
import type { Expectation } from "../../crds/expectation.ts";
import type { WorkloadPod } from "../cluster/workloadPod.ts";
import { connectivityTest, expectation, pod, snapshot, type PodOptions } from "../testing/objects.ts";
import { expandExpectation, type ExpandedExpectation } from "./pathCandidates.ts";

const labels = { app: "ui" };
const db = { app: "db" };
const toDb = expectation({ to: { podSelector: { matchLabels: db } }, tcp: { port: 5432 } });
const byName = expectation({ dns: { name: "web.shop.svc.cluster.local" } });

interface Question {
  readonly ask?: Expectation;
  readonly ipFamilies?: ConnectivityTestSpec["ipFamilies"];
}

function candidate(
  pods: readonly WorkloadPod[],
  { ask = toDb, ipFamilies }: Question = {},
): ExpandedExpectation {
  const test = connectivityTest({ spec: { ...(ipFamilies && { ipFamilies }) } });
  return expandExpectation(ask, { test, snapshot: snapshot({ pods }), rotation: 0 });
}

const ui = (name: string, options: PodOptions = {}) => pod(name, { labels, ...options });
const tried = ({ candidates }: ExpandedExpectation) =>
  candidates.map(({ source, target }) => `${source.name} ${target.address ?? target.family}`);
const messages = ({ findings }: ExpandedExpectation) => findings.map(({ message }) => message);

const four = ["10.1.0.1"];
const six = ["fd00::1"];
const both = [...four, ...six];

it("every source tries every address", () => {
  const targets = [
    pod("db-0", { labels: db, ips: ["10.1.1.0"] }),
    pod("db-1", { labels: db, ips: ["10.1.1.1"] }),
  ];
  const expansions = candidate([ui("ui-1"), ui("ui-2"), ...targets]);
  expect(tried(expansions)).toEqual([
    "Pod/ui-1 10.1.1.0",
    "Pod/ui-1 10.1.1.1",
    "Pod/ui-2 10.1.1.0",
    "Pod/ui-2 10.1.1.1",
  ]);
  expect(expansions).toMatchObject({ expectation: "check", count: 4, findings: [] });
});

it("neither source nor target: both are said", () => {
  expect(candidate([])).toEqual({
    expectation: "check",
    count: 0,
    candidates: [],
    findings: [
      {
        expectation: "check",
        reason: "SourceNotFound",
        message: "no running pod matches the source's podSelector",
        transient: true,
      },
      {
        expectation: "check",
        reason: "TargetNotFound",
        message: "no running pod matches the target's podSelector",
        transient: true,
      },
    ],
  });
});

describe("a source of one family", () => {
  const target = (name: string, ips: readonly string[]) => pod(name, { labels: db, ips });

  it("tries a target of two families in its own, and there is nothing to say", () => {
    const expansions = candidate([ui("ui", { ips: four }), target("db-0", ["10.1.1.0", "fd00::10"])]);
    expect(tried(expansions)).toEqual(["Pod/ui 10.1.1.0"]);
    expect(expansions.findings).toEqual([]);
  });

  it("cannot try the other family that the author asked for, and that is said", () => {
    const expansions = candidate([ui("ui", { ips: four }), target("db-0", ["10.1.1.0", "fd00::10"])], {
      ipFamilies: ["IPv4", "IPv6"],
    });
    expect(tried(expansions)).toEqual(["Pod/ui 10.1.1.0"]);
    expect(expansions.findings).toEqual([
      {
        expectation: "check",
        reason: "SourceNotReproducible",
        message: "Pod/ui has no IPv6 address to reach Pod/db-0 from",
      },
    ]);
  });

  it("cannot try a target of the other, and that is said, though another source can", () => {
    const expansions = candidate([
      ui("ui-4", { ips: four }),
      ui("ui-6", { ips: six }),
      target("db-0", ["10.1.1.0"]),
    ]);
    expect(tried(expansions)).toEqual(["Pod/ui-4 10.1.1.0"]);
    expect(messages(expansions)).toEqual(["Pod/ui-6 has no IPv4 address to reach Pod/db-0 from"]);
  });

  it("cannot try a pod of the other, and that is said, though it can try another pod", () => {
    const owner = "StatefulSet/db";
    const targets = [
      pod("db-0", { labels: db, owner, ips: ["10.1.1.0"] }),
      pod("db-1", { labels: db, owner, ips: ["fd00::10"] }),
    ];
    const expansions = candidate([ui("ui", { ips: four }), ...targets]);
    expect(tried(expansions)).toEqual(["Pod/ui 10.1.1.0"]);
    expect(messages(expansions)).toEqual(["Pod/ui has no IPv6 address to reach StatefulSet/db from"]);
  });
});

describe("the pod's resolver", () => {
  it.each([
    ["IPv4", both, "of both families"],
    ["IPv4", four, "of IPv4"],
    ["IPv6", six, "of IPv6"],
  ])("is asked for one record, of %s, by a source %s: %s", (family, ips) => {
    const expansions = candidate([ui("ui", { ips })], { ask: byName });
    expect(tried(expansions)).toEqual([`Pod/ui ${family}`]);
    expect(expansions.findings).toEqual([]);
  });

  it("is asked for a record of each family that the author asks for", () => {
    const expansions = candidate([ui("ui", { ips: both })], { ask: byName, ipFamilies: ["IPv4", "IPv6"] });
    expect(tried(expansions)).toEqual(["Pod/ui IPv4", "Pod/ui IPv6"]);
  });
});

describe("a lookup of a named record", () => {
  const ask = expectation({ to: undefined, dns: { name: "web", type: "AAAA" } });

  it.each([
    ["IPv4", both],
    ["IPv4", four],
    ["IPv6", six],
  ])(
    "is asked once, over %s where the source has it, independent of the families that the author asks for",
    (family, ips) => {
      for (const ipFamilies of [["IPv4", "IPv6"], ["IPv6"], ["IPv4"]] as const) {
        const expansions = candidate([ui("ui", { ips })], { ask, ipFamilies: [...ipFamilies] });
        expect(tried(expansions)).toEqual([`Pod/ui ${family}`]);
        expect(expansions.findings).toEqual([]);
      }
    },
  );

  it("at a named server keeps to the families", () => {
    const named = expectation({ to: undefined, dns: { name: "web", type: "AAAA", server: "10.96.0.10" } });
    const expansions = candidate([ui("ui", { ips: both })], { ask: named, ipFamilies: ["IPv6"] });
    expect(tried(expansions)).toEqual([]);
    expect(messages(expansions)).toEqual(["10.96.0.10 has no IPv6 address"]);
  });
});

describe("a ProbeRun has room", () => {
  it("for a source that it can hold the twin of; another is said to be none", () => {
    const hostAliases = Array.from({ length: 65 }, (_, index) => ({
      ip: `192.0.2.${index}`,
      hostnames: ["x"],
    }));
    const expansions = candidate([
      ui("big", { spec: { hostAliases } }),
      ui("ui"),
      pod("db-0", { labels: db }),
    ]);
    expect(tried(expansions)).toEqual(["Pod/ui 10.1.0.1"]);
    expect(expansions.findings).toEqual([
      {
        expectation: "check",
        reason: "SourceNotReproducible",
        message: "Pod/big cannot have a twin: the hostAliases of its pod big are too many or too long",
      },
    ]);
  });

  it("for four findings of an expectation: the same one is said once, and the last reports how many more there are", () => {
    const sources = Array.from({ length: 9 }, (_, index) => ui(`ui-${index}`));
    const targets = ["fd00::10", "fd00::11"].map((ip) =>
      pod(`db-${ip}`, { labels: db, ips: [ip], owner: "StatefulSet/db" }),
    );
    const expansions = candidate([...sources, ...targets]);
    expect(expansions.candidates).toEqual([]);
    expect(messages(expansions)).toEqual([
      ...[0, 1, 2].map((index) => `Pod/ui-${index} has no IPv6 address to reach StatefulSet/db from`),
      "Pod/ui-3 has no IPv6 address to reach StatefulSet/db from (and 5 more)",
    ]);
  });

  it("for findings of 512 letters", () => {
    const name = "x".repeat(250);
    const sources = Array.from({ length: 5 }, (_, index) => ui(`${index}${name}`));
    const expansions = candidate([...sources, pod(name, { labels: db, ips: six })]);
    expect(messages(expansions).map(({ length }) => length)).toEqual([512, 512, 512, 512]);
    expect(messages(expansions).at(-1)).toMatch(/ \(and 1 more\)$/);
  });

  it("for 256 paths: where one expectation has more, they are counted and not kept", () => {
    const sources = Array.from({ length: 257 }, (_, index) => ui(`ui-${index}`));
    const expansions = candidate([...sources, pod("db-0", { labels: db })]);
    expect(expansions).toEqual({ expectation: "check", count: 257, candidates: [], findings: [] });
  });
});
