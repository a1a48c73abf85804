import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { WAITING } from "../shop/shop.ts";
import { readerBy } from "../kube/read.ts";
import { requestRun, type TestName, waitForVerdict } from "../kube/connectivityTests.ts";
import { nextStep, type Phase } from "./nextStep.ts";

/** Some tests that are about to run again. */
export interface Repeat {
  readonly tests: readonly TestName[];
  /** From 1 on. */
  readonly repeat: number;
  readonly why: readonly string[];
}

export interface Undecided {
  readonly phase: Phase;
  /** Each of the shop's tests, after its first run in this phase. */
  readonly tests: readonly ConnectivityTest[];
  /** Announces the repeat, runs its tests and resolves to them once that run has ended. */
  readonly runAgain: (repeat: Repeat) => Promise<readonly ConnectivityTest[]>;
}

export interface Decided {
  /** Each test after its last run. */
  readonly tests: readonly ConnectivityTest[];
  /** Where the tests differ from what the phase shows, line by line. Empty: nowhere. */
  readonly problems: readonly string[];
}

/** Runs the Inconclusive tests of a phase again, as often as `nextStep` asks for it. */
export async function runUntilDecided({ phase, tests: first, runAgain }: Undecided): Promise<Decided> {
  let tests = first;
  for (let repeats = 0; ; repeats += 1) {
    const step = nextStep({ phase, tests, repeats });
    switch (step.action) {
      case "Continue":
        return { tests, problems: [] };
      case "Fail":
        return { tests, problems: step.why };
      case "RunAgain":
        tests = updated(tests, await runAgain({ tests: step.tests, repeat: repeats + 1, why: step.why }));
    }
  }
}

/**
 * Requests a run of each of the tests by this token, which must be new, and resolves to them once those very runs have
 * ended.
 */
export async function runOnRequest(
  kubectl: Kubectl,
  tests: readonly TestName[],
  token: string,
): Promise<readonly ConnectivityTest[]> {
  const read = readerBy(kubectl);
  return Promise.all(
    tests.map(async (test) => {
      await requestRun(kubectl, test, token);
      return waitForVerdict(read, test, { ...WAITING, token });
    }),
  );
}

function updated(
  tests: readonly ConnectivityTest[],
  newer: readonly ConnectivityTest[],
): readonly ConnectivityTest[] {
  const byKey = new Map(newer.map((test) => [keyOf(test.metadata), test]));
  return tests.map((test) => byKey.get(keyOf(test.metadata)) ?? test);
}
