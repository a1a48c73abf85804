import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { DATABASE } from "./nextStep.ts";
import { type Repeat, runOnRequest, runUntilDecided } from "./runUntilDecided.ts";
import { judgedShop } from "./testing/judgedShop.ts";

const phase = "WithPolicies";
const ORDERS = { namespace: "orders", name: "orders" };
const passed = judgedShop(phase);
const untimely = judgedShop(phase, { [DATABASE]: { verdict: "Inconclusive", reason: "TargetNotProven" } });
const open = judgedShop(phase, { [DATABASE]: { verdict: "Failed", reason: "Open" } });
const unproven = judgedShop(phase, { [DATABASE]: { verdict: "Inconclusive", reason: "SourceNotFound" } });

/** A shop whose requested runs end like this, one after the other. */
function shopThatEnds(runs: readonly (readonly ConnectivityTest[])[]) {
  const repeats: Repeat[] = [];
  const runAgain = async (repeat: Repeat) => {
    repeats.push(repeat);
    const after = runs[repeats.length - 1] ?? [];
    return after.filter(({ metadata }) => repeat.tests.some(({ name }) => name === metadata.name));
  };
  return { runAgain, repeats };
}

it.each([
  { when: "the first run decides", first: passed, runs: [], tests: passed },
  { when: "the first repeat decides", first: untimely, runs: [passed], tests: passed },
  { when: "the last repeat decides", first: untimely, runs: [untimely, untimely, passed], tests: passed },
])("has no problem when $when", async ({ first, runs, tests }) => {
  const { runAgain, repeats } = shopThatEnds(runs);
  expect(await runUntilDecided({ phase, tests: first, runAgain })).toEqual({ tests, problems: [] });
  expect(repeats).toHaveLength(runs.length);
});

it.each([
  { when: "the first run is wrong", first: open, runs: [], problem: /reports Failed \(Open\)/ },
  { when: "the first run shows a lasting reason", first: unproven, runs: [], problem: /\(SourceNotFound\)/ },
  { when: "a repeat is wrong", first: untimely, runs: [open], problem: /reports Failed \(Open\)/ },
  {
    when: "three repeats do not decide",
    first: untimely,
    runs: [untimely, untimely, untimely],
    problem: /still reports Inconclusive after 3 more runs/,
  },
])("has a problem, and runs nothing more, when $when", async ({ first, runs, problem }) => {
  const { runAgain, repeats } = shopThatEnds(runs);
  const { tests, problems } = await runUntilDecided({ phase, tests: first, runAgain });
  expect(tests).toEqual(runs.at(-1) ?? first);
  expect(problems.join("\n")).toMatch(problem);
  expect(repeats).toHaveLength(runs.length);
});

it("announces each repeat with its number, its tests and why", async () => {
  const { runAgain, repeats } = shopThatEnds([untimely, passed]);
  await runUntilDecided({ phase, tests: untimely, runAgain });
  const why: unknown = expect.arrayContaining([expect.stringContaining("TargetNotProven")]);
  expect(repeats).toEqual([
    { tests: [ORDERS], repeat: 1, why },
    { tests: [ORDERS], repeat: 2, why },
  ]);
});

it("requests each run by the token, and waits until the status answers with it", async () => {
  const asked: string[] = [];
  const kubectl = async (args: readonly string[]) => {
    const line = args.join(" ");
    asked.push(line);
    const test = passed.find(({ metadata: { namespace } }) => line.includes(`/namespaces/${namespace}/`));
    // The first answer still speaks of the run before.
    const lastHandledRequest = asked.length < 3 ? "t1" : "t2";
    return JSON.stringify({
      ...test,
      status: { ...test?.status, observedGeneration: 0, lastHandledRequest },
    });
  };
  const [test, ...others] = await runOnRequest(kubectl, [ORDERS], "t2");
  expect(others).toEqual([]);
  expect(test?.status.lastHandledRequest).toBe("t2");
  expect(asked).toEqual([
    expect.stringMatching(/^annotate .* orders --namespace=orders netverdict\.dev\/run-requested=t2$/),
    expect.stringMatching(/^get /),
    expect.stringMatching(/^get /),
  ]);
});
