import { expect, test } from "vitest";

import { upOptions } from "./upOptions.ts";

test.each([
  ["", {}],
  ["--nodes 2", { nodes: 2 }],
  ["-- --nodes=9", { nodes: 9 }],
])("up %j asks for %j", (line, wanted) => {
  expect(upOptions(line.split(" ").filter(Boolean))).toEqual(wanted);
});

test.each(["--nodes 0", "--nodes 10", "--nodes two", "--nodes 1.5", "--nodes", "--node 2", "two"])(
  "up %j is refused",
  (line) => {
    expect(() => upOptions(line.split(" "))).toThrow(/nodes/);
  },
);
