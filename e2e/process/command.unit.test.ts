import { describe, expect, test } from "vitest";

import { attempt, run, tail } from "./command.ts";

describe("a command", () => {
  test("that fails is reported with its exit code and its output", async () => {
    await expect(run("sh", ["-c", "echo no such thing >&2; exit 3"])).rejects.toThrow(
      /exit code 3\n.*no such thing/,
    );
  });

  test("that does not exist is reported as such", async () => {
    await expect(attempt("no-such-command", [])).rejects.toThrow("no-such-command cannot be started");
  });

  test("that takes too long is killed", async () => {
    await expect(attempt("sleep", ["60"], { seconds: 0.1 })).rejects.toThrow("stopped after 0.1 s");
  });

  test("reads its input", async () => {
    expect(await run("cat", [], { input: "text" })).toBe("text");
  });

  test("that does not read its input ends as usual", async () => {
    expect((await attempt("true", [], { input: "x".repeat(1_000_000) })).code).toBe(0);
  });
});

test("the tail of a text is its last lines", () => {
  expect(tail("1\n2\n3\n", 2)).toBe("    2\n    3");
});
