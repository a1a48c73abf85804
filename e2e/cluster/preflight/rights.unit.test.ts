import { expect, test } from "vitest";

import { ownSubjects, placesOf, type Place, type Right, rightProblems, tryPlaces } from "./rights.ts";

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

test("what takes longer than its time is refused, and the reason says that", async () => {
  const slow: Right = { ...works, command: "sleep 5" };
  const refusals = await tryPlaces([{ ...place, rights: [slow] }], always, 0.2);
  expect(refusals.map(({ refused, said }) => [refused.subject, said])).toEqual([
    ["place", expect.stringMatching(/stopped after 0\.2 s$/)],
  ]);
});

test.each([
  { version: 1, last: "host name and IPC namespaces" },
  { version: 2, last: "host name, IPC and cgroup namespaces" },
] as const)("a cluster on cgroup v$version needs $last", ({ version, last }) => {
  expect(placesOf("calico", version).at(-1)?.subject).toBe(last);
});

test.each([
  { engine: "calico", own: [] },
  { engine: "cilium", own: ["BPF file system"] },
  { engine: "kube-network-policies", own: ["CONFIG_NFT_QUEUE"] },
] as const)("$engine needs of its own $own", ({ engine, own }) => {
  const subjects = (name: typeof engine) =>
    placesOf(name, 1).flatMap(({ rights }) => rights.map(({ subject }) => subject));
  expect(ownSubjects(engine)).toEqual(own);
  expect(subjects(engine).toSorted()).toEqual([...subjects("calico"), ...own].toSorted());
});
