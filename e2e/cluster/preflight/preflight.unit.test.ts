import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { MachineFacts } from "./facts.ts";
import type { Needs } from "./needs.ts";
import { ownLacks, problemsOf } from "./preflight.ts";
import { lineOf } from "./problem.ts";
import { placesOf } from "./rights.ts";
import { GIB } from "./size.ts";

/** Everything is still to be made. */
const needs: Needs = {
  programs: [{ name: "calico", packages: ["tool"], coldSeconds: 160 }],
  share: 1,
  packages: ["runc", "nftables"],
  images: true,
  cluster: true,
};
const nothing: Needs = { programs: [], share: 0, packages: [], images: false, cluster: false };

const rooms = (["cache", "modules", "objects", "temporary", "cluster"] as const).map((writer) => {
  return { writer, folder: `/${writer}`, fileSystem: 1, free: 100 * GIB };
});
const [place] = placesOf("cilium", 2);
const refusals = place === undefined ? [] : [{ refused: place, said: "Operation not permitted" }];
const noAnswer = { answered: false, said: "no answer within 4 s" } as const;

const fine = {
  system: {
    platform: "linux",
    kernel: "6.1.0-18-amd64",
    userId: 0,
    distribution: "Debian GNU/Linux 12 (bookworm)",
    isDebian: true,
    codename: "bookworm",
    hasApt: true,
  },
  cgroups: { version: 2, controllers: ["cpuset", "cpu", "io", "memory", "pids"], refusal: undefined },
  refusals: [],
  kernelBuild: { kernel: "6.1.0-18-amd64", config: new Map([["NF_TABLES", "y"]]), modules: undefined },
  kernelOptions: [{ option: "NF_TABLES", module: "nf_tables" }],
  go: {
    tooOld: undefined,
    folders: { modules: "/modules", objects: "/objects", temporary: "/temporary" },
    proxy: { answered: true },
  },
  rooms,
  memory: 16 * GIB,
  debianMirror: { answered: true },
  npmRegistry: { answered: true },
} as const satisfies MachineFacts;

interface Lack {
  readonly name: string;
  readonly facts: Partial<MachineFacts>;
  readonly subject: string;
  readonly observation: RegExp;
  readonly action: RegExp;
}

const lacks: readonly Lack[] = [
  {
    name: "another user than root",
    facts: { system: { ...fine.system, userId: 1000 } },
    subject: "user",
    observation: /runs as user 1000$/,
    action: /sudo/,
  },
  {
    name: "a right that was refused",
    facts: { refusals },
    subject: "network namespaces",
    observation: /cannot create one \(Operation not permitted\)$/,
    action: /--context/,
  },
  {
    name: "a kernel without an option",
    facts: { kernelBuild: { ...fine.kernelBuild, config: new Map() } },
    subject: "CONFIG_NF_TABLES",
    observation: /^Linux 6\.1\.0-18-amd64 was built without it$/,
    action: /^Boot/,
  },
  {
    name: "a cgroup controller that is not there",
    facts: { cgroups: { ...fine.cgroups, controllers: ["cpuset", "cpu"] } },
    subject: "cgroup controllers",
    observation: /lacks memory/,
    action: /cgroup_enable=memory/,
  },
  {
    name: "no Go",
    facts: { go: { ...fine.go, tooOld: [], proxy: undefined } },
    subject: "Go",
    observation: /^there is none, .* need 1\.26 or later$/,
    action: /^Install Go 1\.26/,
  },
  {
    name: "a full disk",
    facts: { rooms: rooms.map((room) => ({ ...room, free: GIB / 2 })) },
    subject: "disk",
    observation: /^0\.5 GiB are free for \/cache, \/modules, \/objects, \/temporary, \/cluster/,
    action: /^Free \d+\.\d GiB, .*XDG_CACHE_HOME, GOMODCACHE, GOCACHE, TMPDIR/,
  },
  {
    name: "too little memory",
    facts: { memory: 3 * GIB },
    subject: "memory",
    observation: /^3\.0 GiB are available, .* 4\.0 GiB$/,
    action: /memory$/,
  },
  {
    name: "a Debian mirror that does not answer",
    facts: { debianMirror: noAnswer },
    subject: "Debian mirror",
    observation: /^no answer within 4 s$/,
    action: /Acquire::http::Proxy/,
  },
  {
    name: "an npm registry that does not answer",
    facts: { npmRegistry: noAnswer },
    subject: "npm registry",
    observation: /^no answer within 4 s$/,
    action: /npm config get registry/,
  },
];

describe("the preflight", () => {
  test("finds nothing where everything is there", () => {
    expect(problemsOf(fine, needs)).toEqual([]);
  });

  test("finds nothing there for any needs", () => {
    const any = fc.record({
      programs: fc.constant(needs.programs),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      packages: fc.array(fc.string()),
      images: fc.boolean(),
      cluster: fc.boolean(),
    });
    fc.assert(
      fc.property(any, (some) => {
        expect(problemsOf(fine, some)).toEqual([]);
      }),
    );
  });

  test.each(lacks)("finds $name", ({ facts, subject, observation, action }) => {
    const problems = problemsOf({ ...fine, ...facts }, needs);
    expect(problems).toMatchObject([{ subject }]);
    expect(problems[0]?.observation).toMatch(observation);
    expect(problems[0]?.action).toMatch(action);
  });

  test("finds everything at once, each thing once, and nothing else", () => {
    fc.assert(
      fc.property(fc.subarray([...lacks]), (some) => {
        const facts = some.reduce<MachineFacts>((all, lack) => ({ ...all, ...lack.facts }), fine);
        const found = problemsOf(facts, needs).map(({ subject }) => subject);
        expect(found.toSorted()).toEqual(some.map(({ subject }) => subject).toSorted());
      }),
    );
  });

  test.each([
    { name: "an old kernel", system: { kernel: "5.10.0-30-amd64" }, subject: "kernel" },
    { name: "the oldest kernel that works", system: { kernel: "5.13.0" }, subject: undefined },
    { name: "Fedora", system: { distribution: "Fedora 42", isDebian: false }, subject: "distribution" },
    { name: "a Debian without apt-get", system: { hasApt: false }, subject: "apt-get" },
  ])("on $name it finds: $subject", ({ system, subject }) => {
    const problems = problemsOf({ ...fine, system: { ...fine.system, ...system } }, needs);
    expect(problems[0]?.subject).toBe(subject);
  });

  test("finds a module proxy that does not answer", () => {
    const problems = problemsOf({ ...fine, go: { ...fine.go, proxy: noAnswer } }, needs);
    expect(problems).toMatchObject([{ subject: "Go module proxy", observation: "no answer within 4 s" }]);
  });

  test("on another system says only that, for the rest is not looked at there", () => {
    const system = { ...fine.system, platform: "darwin", userId: 501, hasApt: false };
    const problems = problemsOf({ ...fine, system, rooms: [] }, needs);
    expect(problems).toMatchObject([{ subject: "operating system" }]);
    expect(problems[0]?.observation).toMatch(/darwin$/);
  });
});

describe("a machine on which everything is built and installed", () => {
  test("needs neither Debian nor Go, registries, disk or memory", () => {
    const facts: MachineFacts = {
      ...fine,
      system: { ...fine.system, isDebian: false, hasApt: false, distribution: "Fedora 42" },
      rooms: rooms.map((room) => ({ ...room, free: 0 })),
      memory: 0,
      go: undefined,
      debianMirror: undefined,
      npmRegistry: undefined,
    };
    expect(problemsOf(facts, nothing)).toEqual([]);
  });

  test("needs the rights of root still", () => {
    expect(problemsOf({ ...fine, refusals }, nothing)).toHaveLength(1);
  });
});

describe("what one engine alone needs of the kernel", () => {
  const queue = placesOf("kube-network-policies", 2)
    .flatMap(({ rights }) => rights)
    .find(({ subject }) => subject === "CONFIG_NFT_QUEUE");
  const rejected = queue === undefined ? [] : [{ refused: queue, said: "Could not process rule" }];
  const options = queue?.options ?? [];
  const build = (config: Record<string, string>) => {
    return { ...fine.kernelBuild, config: new Map(Object.entries(config)) };
  };

  test("is one problem where the kernel rejects it, with the option and another engine", () => {
    expect(problemsOf({ ...fine, refusals: rejected }, needs).map(lineOf)).toEqual([
      "CONFIG_NFT_QUEUE: the kernel rejects nftables rules that hand packets to a program (Could not process rule). " +
        "Boot a kernel that has this option, such as Debian's, or use another engine: --cni calico.",
    ]);
  });

  test.each([
    { name: "was tried and rejected", facts: { ...fine, refusals: rejected }, missing: ["CONFIG_NFT_QUEUE"] },
    { name: "was tried and works", facts: fine, missing: [] },
    {
      name: "cannot be tried yet, and is not built",
      facts: { ...fine, kernelBuild: build({ NF_TABLES: "y" }), kernelOptions: options },
      missing: ["CONFIG_NFT_QUEUE"],
    },
    {
      name: "cannot be tried yet, and is built in",
      facts: { ...fine, kernelBuild: build({ NFT_QUEUE: "y" }), kernelOptions: options },
      missing: [],
    },
    {
      name: "was not reached, because no namespace can be created",
      facts: { ...fine, refusals },
      missing: [],
    },
  ])("is lacking if it $name: $missing", ({ facts, missing }) => {
    expect(ownLacks("kube-network-policies", facts)).toEqual(missing);
    expect(ownLacks("calico", facts)).toEqual([]);
  });
});
