import { describe, expect, it } from "vitest";
import { createObserver } from "../cluster/observe.ts";
import { createRunWriter } from "../runs/runWriter.ts";
import type { ApiError } from "../runtime/apiError.ts";
import { groundOf } from "../testing/caches.ts";
import { createMemoryApi } from "../testing/memoryApi.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { rejection } from "../testing/rejection.ts";
import { silentLog } from "../testing/silentLog.ts";
import { createRunStarter } from "./startRun.ts";

const log = silentLog();

describe("beginning a run", () => {
  const test = connectivityTest();

  function beginWith(answer: ApiError) {
    const memory = createMemoryApi(() => later(0));
    memory.before = ({ verb }) => {
      if (verb === "create") throw answer;
    };
    const { api } = memory;
    const starter = createRunStarter({
      runs: createRunWriter({ api, cache: { get: () => undefined }, now: () => later(0) }),
      observe: createObserver(api, { grants: { values: () => [] } }),
      witness: { enabled: true, allow: [] },
      operatorNamespace: "netverdict-system",
      dependencyState: () => groundOf({}),
      log,
    });
    return starter.startDue(test, undefined, later(0));
  }

  it.each([
    ["no room in the quota", rejection(403, "Forbidden", "exceeded quota: runs")],
    ["a namespace on its way out", rejection(403, "Forbidden", "shop is being terminated")],
    ["a rule against it", rejection(422, "Invalid", "spec.paths: too many")],
  ])(
    "that the API server will not have (%s) is a problem, in its words, and is asked for again",
    async (_, error) => {
      await expect(beginWith(error)).resolves.toEqual({
        problem: { reason: "ProbeNotRun", message: `the run could not start: ${error.message}` },
        requeueAt: later(30_000),
      });
    },
  );

  it("fails for any other error, to be tried again", async () => {
    const broken = rejection(500, "InternalError");
    await expect(beginWith(broken)).rejects.toBe(broken);
  });
});
