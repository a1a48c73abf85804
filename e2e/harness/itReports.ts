import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { ReportedCase } from "./saying.ts";

declare module "vitest" {
  interface TaskMeta {
    reportedCase?: ReportedCase;
  }
}

export interface ExpectedReport extends Omit<ReportedCase, "message"> {
  /** Words that the message must hold. */
  readonly says?: string | RegExp;
  /** Which of the test's expectations; left out: the first. */
  readonly expectation?: string;
}

/**
 * A scenario in which something prevents a true verdict, and the exact report that netverdict must have on it.
 * Never that it passed: the type leaves no room for it. What it really said becomes a row of docs/never-mistaken.md.
 */
export function itReports(wanted: ExpectedReport, run: () => Promise<ConnectivityTest>): void {
  const { when, verdict, reason, says = "", expectation: name } = wanted;
  it(`says ${verdict}, ${reason}: ${when}`, async ({ task }) => {
    const { expectations = [] } = (await run()).status;
    const reported = name === undefined ? expectations[0] : expectations.find((other) => other.name === name);
    const { expected, message = "" } = reported ?? {};
    const isSaid = typeof says === "string" ? message.includes(says) : says.test(message);
    // All in one, so that a failure shows the message, which usually has the cause.
    expect({ expected, verdict: reported?.verdict, reason: reported?.reason, message }).toEqual({
      expected: wanted.expect,
      verdict,
      reason,
      message: isSaid ? message : says,
    });
    task.meta.reportedCase = { when, expect: wanted.expect, verdict, reason, message };
  });
}
