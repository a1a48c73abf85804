import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { cgroupPathsOf, memoryOf, roomIn } from "./memory.ts";

test.each([
  { meminfo: "MemTotal: 9 kB\nMemAvailable:    2048 kB\nSwapFree:       1024 kB\n", bytes: 3 * 1024 * 1024 },
  { meminfo: "MemAvailable:    2048 kB\n", bytes: 2 * 1024 * 1024 },
  { meminfo: "", bytes: undefined },
])("$meminfo is $bytes bytes", ({ meminfo, bytes }) => {
  expect(memoryOf(meminfo)).toBe(bytes);
});

test.each([
  {
    version: "v2",
    cgroup: "0::/user.slice/a.scope\n",
    paths: ["/sys/fs/cgroup/user.slice/a.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"],
  },
  {
    version: "v1",
    cgroup: "5:pids:/x\n4:memory:/a\n0::/\n",
    paths: ["/sys/fs/cgroup/memory/a", "/sys/fs/cgroup/memory", "/sys/fs/cgroup"],
  },
])("the limits of a process lie in its cgroup and all above it: $version", ({ cgroup, paths }) => {
  expect(cgroupPathsOf(cgroup)).toEqual(paths);
});

test.each([
  {
    name: "version 2",
    files: { "memory.max": "1000\n", "memory.current": "700\n", "memory.stat": "anon 1\ninactive_file 50\n" },
    room: 350,
  },
  {
    name: "version 1",
    files: {
      "memory.limit_in_bytes": "1000\n",
      "memory.usage_in_bytes": "700\n",
      "memory.stat": "inactive_file 1\ntotal_inactive_file 50\n",
    },
    room: 350,
  },
  {
    name: "version 2 without a limit",
    files: { "memory.max": "max\n", "memory.current": "7\n" },
    room: Infinity,
  },
  { name: "a hierarchy without memory", files: {}, room: Infinity },
  { name: "a limit that was lowered", files: { "memory.max": "5\n", "memory.current": "7\n" }, room: 0 },
])("a cgroup of $name has room for $room bytes", async ({ files, room }) => {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-memory-"));
  try {
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    expect(await roomIn(folder)).toBe(room);
  } finally {
    await rm(folder, { recursive: true });
  }
});
