import { expect, it } from "vitest";

import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { isDecided, requestRun, waitForVerdict } from "./connectivityTests.ts";

const spec = {
  expectations: [
    {
      name: "a",
      from: { podSelector: {} },
      to: { ip: "203.0.113.10" },
      tcp: { port: 80 },
      expect: "Allowed",
    },
  ],
};
const withStatus = (status: object) => ({
  metadata: { name: "a", namespace: "b", generation: 2 },
  spec,
  status,
});
const decided = { observedGeneration: 2, verdict: "Passed", lastHandledRequest: "t1" };

it.each([
  { when: "the verdict of an earlier spec", status: { ...decided, observedGeneration: 1 }, answer: false },
  { when: "no verdict yet", status: { observedGeneration: 2 }, answer: false },
  { when: "a first run under way", status: { observedGeneration: 2, verdict: "Pending" }, answer: false },
  { when: "a verdict of the present spec", status: decided, answer: true },
  { when: "the answer to an earlier request", status: decided, token: "t2", answer: false },
  { when: "the answer to this request", status: decided, token: "t1", answer: true },
])("$when: $answer", ({ status, token, answer }) => {
  expect(isDecided(connectivityTestSchema.parse(withStatus(status)), token)).toBe(answer);
});

it("reports the status when time is up", async () => {
  const read = async () => JSON.stringify(withStatus({ observedGeneration: 1, message: "still looking" }));
  const waiting = waitForVerdict(read, { namespace: "b", name: "a" }, { seconds: 0 });
  await expect(waiting).rejects.toThrow(/b\/a: not within 0 s.*observedGeneration: 1.*still looking/s);
});

it("requests a run by annotation", async () => {
  const calls: (readonly string[])[] = [];
  const kubectl = async (args: readonly string[]) => {
    calls.push(args);
    return "";
  };
  await requestRun(kubectl, { namespace: "b", name: "a" }, "t1");
  expect(calls[0]).toContain("netverdict.dev/run-requested=t1");
});
