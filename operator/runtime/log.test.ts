import { Writable } from "node:stream";
import { expect, it } from "vitest";
import winston from "winston";
import { z } from "zod";
import { errorFromAnswer } from "./apiError.ts";
import { createLog, errorFields, type LogLevel, loggedReconcile } from "./log.ts";

const lineSchema = z.looseObject({ timestamp: z.iso.datetime(), reconcileId: z.string().optional() });

function setUp(level: LogLevel = "info") {
  const lines: z.infer<typeof lineSchema>[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(lineSchema.parse(JSON.parse(String(chunk))));
      done();
    },
  });
  return { log: createLog(level, new winston.transports.Stream({ stream })), lines };
}

it("writes a JSON line with level, time, message and fields", () => {
  const { log, lines } = setUp();
  log.info("run begun", { run: "k3f9q", level: "not this" });
  expect(lines).toMatchObject([{ level: "info", message: "run begun", run: "k3f9q" }]);
});

it("leaves out what is below its level", () => {
  const { log, lines } = setUp("warn");
  log.info("no");
  log.error("yes");
  expect(lines).toMatchObject([{ message: "yes" }]);
});

it("marks all lines of a reconcile with its test and one id, and no others", async () => {
  const { log, lines } = setUp();
  const reconcile = async () => {
    log.info("first");
    await Promise.resolve();
    log.info("second");
  };
  await Promise.all([loggedReconcile("shop/a", reconcile), loggedReconcile("shop/b", reconcile)]);
  log.info("outside");
  const seen = lines.map(({ test, reconcileId }) => [test, reconcileId]);
  const [[, a] = [], [, b] = []] = seen;
  expect(seen).toEqual([
    ["shop/a", a],
    ["shop/b", b],
    ["shop/a", a],
    ["shop/b", b],
    [undefined, undefined],
  ]);
  expect(new Set([a, b, undefined]).size).toBe(3);
});

it.each([
  [
    "a refusal by code, reason and words",
    errorFromAnswer(403, '{"reason":"Forbidden","message":"quota"}', ""),
    { error: "quota", code: 403, reason: "Forbidden" },
  ],
  [
    "an error with its cause",
    new Error("no answer", { cause: new Error("reset") }),
    { error: "no answer", cause: "reset" },
  ],
  ["an error without more than 1024 characters", new Error("x".repeat(9_999)), { error: "x".repeat(1_024) }],
  ["a thrown text not at all", "secret", { error: "the thrown value is not an Error" }],
])("reports %s", (_, error, fields) => {
  expect(errorFields(error)).toEqual(fields);
});
