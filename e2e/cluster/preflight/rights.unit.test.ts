import { expect, test } from "vitest";

import { placesOf, type Place, type Right, rightProblems, tryPlaces } from "./rights.ts";

/** Needs no rights: unshare creates no namespace at all. */
const place: Place = { subject: "place", lack: "no place", flags: [], rights: [] };
const works: Right = { subject: "works", lack: "", command: "echo noise; echo more >&2" };
const fails: Right = {
  subject: "fails",
  lack: "it fails",
  command: "echo denied >&2; echo more >&2; exit 3",
};
const silent: Right = { subject: "silent", lack: "it fails", action: "Buy one", command: "false" };

const always = (): boolean => true;

test("what works is no problem, what fails is, with the first line of what was said", async () => {
  const refusals = await tryPlaces([{ ...place, rights: [works, fails, works, silent] }], always);
  expect(rightProblems(refusals)).toMatchObject([
    { subject: "fails", observation: "it fails (denied)" },
    { subject: "silent", observation: "it fails (without a message)", action: "Buy one" },
  ]);
});

test("what cannot be tried yet is not tried", async () => {
  expect(await tryPlaces([{ ...place, rights: [fails] }], () => false)).toEqual([]);
});

test("where namespaces cannot be created, that is the only problem", async () => {
  const refusals = await tryPlaces([{ ...place, flags: ["--no-such-flag"], rights: [fails] }], always);
  expect(refusals.map(({ refused: { subject } }) => subject)).toEqual(["place"]);
  expect(refusals[0]?.said).toMatch(/no-such-flag/);
});

test("where the shell ends before all is tried, the place is refused", async () => {
  const ends: Right = { ...works, command: "true); kill -KILL $$; (true" };
  const refusals = await tryPlaces([{ ...place, rights: [ends, fails] }], always);
  expect(refusals).toEqual([{ refused: { ...place, rights: [ends, fails] }, said: "without a message" }]);
});

test.each([
  { engine: "calico", version: 1, last: "host name and IPC namespaces", bpf: false },
  { engine: "calico", version: 2, last: "host name, IPC and cgroup namespaces", bpf: false },
  { engine: "cilium", version: 1, last: "host name and IPC namespaces", bpf: true },
] as const)("$engine on cgroup v$version needs $last; BPF: $bpf", ({ engine, version, last, bpf }) => {
  const places = placesOf(engine, version);
  const rights = places.flatMap((one) => one.rights.map(({ subject }) => subject));
  expect(places.at(-1)?.subject).toBe(last);
  expect(rights.includes("BPF file system")).toBe(bpf);
});
