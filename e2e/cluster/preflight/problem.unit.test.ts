import { expect, test } from "vitest";

import { listOf } from "./problem.ts";

test("all problems are in one message, each on a line with what was seen and what to do", () => {
  const disk = { subject: "disk", observation: "1 GiB is free", action: "Free 2 GiB" };
  const user = { subject: "user", observation: "this process runs as user 7", action: "Run it with sudo" };
  expect(listOf([disk])).toBe(
    "this machine cannot run the test cluster: one problem\n  disk: 1 GiB is free. Free 2 GiB.",
  );
  expect(listOf([disk, user])).toBe(
    [
      "this machine cannot run the test cluster: 2 problems",
      "  disk: 1 GiB is free. Free 2 GiB.",
      "  user: this process runs as user 7. Run it with sudo.",
    ].join("\n"),
  );
});
