import { expect, test } from "vitest";

import { cgroupProblems } from "./cgroupRights.ts";

const v1 = ["blkio", "cpu", "cpuacct", "cpuset", "memory", "pids"];

test.each([
  { name: "v1 with all controllers", version: 1, controllers: v1, refusal: undefined, subjects: [] },
  {
    name: "v2 with all that kubelet needs",
    version: 2,
    controllers: ["cpu", "cpuset", "memory"],
    subjects: [],
  },
  {
    name: "v1 without cpuacct",
    version: 1,
    controllers: ["cpu", "cpuset", "memory"],
    subjects: ["cgroup controllers"],
  },
  { name: "no cgroup file system", version: 1, controllers: [], subjects: ["cgroup controllers"] },
  { name: "v1 that is read-only", version: 1, controllers: v1, refusal: "EROFS", subjects: ["cgroups"] },
] as const)("$name: $subjects", ({ subjects, ...facts }) => {
  const problems = cgroupProblems({ refusal: undefined, ...facts });
  expect(problems.map(({ subject }) => subject)).toEqual(subjects);
});

test("says what is missing, and what was refused", () => {
  const problems = cgroupProblems({ version: 2, controllers: ["cpu"], refusal: "EROFS: read-only" });
  expect(problems.map(({ observation }) => observation)).toEqual([
    "cgroup v2 in /sys/fs/cgroup lacks cpuset, memory, which kubelet needs",
    "root cannot make a cgroup with controllers for the nodes (EROFS: read-only)",
  ]);
});
