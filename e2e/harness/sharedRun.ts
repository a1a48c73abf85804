import { afterAll, beforeAll } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { itReports, type ExpectedReport } from "./itReports.ts";
import { runTest } from "./runTest.ts";
import { makeNamespace } from "./scenario.ts";

/** An expectation without its name and without what it expects. */
export interface Probe {
  readonly from: object;
  readonly to?: object;
  readonly [tool: string]: object | undefined;
}

/** What has to be said, and the expectation of which it has to be said. */
export interface Case extends Omit<ExpectedReport, "expectation"> {
  readonly probe: Probe;
}

interface SharedRun {
  /** Creates the faults in the namespace; the run starts when it has resolved. */
  readonly prepare: (here: string) => Promise<void>;
  /** Expectations that are no cases themselves: what shows that the sources are alive. */
  readonly besides?: readonly object[];
  /** By the names of their expectations. */
  readonly cases: Readonly<Record<string, Case>>;
  /** What a test's spec has besides its expectations. */
  readonly spec?: object;
}

/**
 * Many cases that share a namespace and one run of one test in it, since a run takes as long for one case as for
 * twenty. Each is a scenario of its own, with a row of its own in the table.
 */
export function itReportsOfSharedRun(
  purpose: string,
  { prepare, besides = [], cases, spec = {} }: SharedRun,
): void {
  let remove = async (): Promise<void> => {};
  let test: Promise<ConnectivityTest>;
  const expectations = [
    ...besides,
    ...Object.entries(cases).map(([name, { expect, probe }]) => ({ name, expect, ...probe })),
  ];

  beforeAll(async () => {
    const made = await makeNamespace(purpose);
    ({ remove } = made);
    await prepare(made.name);
    test = runTest({ namespace: made.name }, { ...spec, expectations });
    await test;
  }, PREPARING);
  afterAll(async () => remove());

  for (const [expectation, { probe: _, ...wanted }] of Object.entries(cases)) {
    itReports({ ...wanted, expectation }, async () => test);
  }
}

/** In milliseconds: an image may have to be built first. */
const PREPARING = 600_000;

/** Pods by their label `app`. */
export const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });
