import { expect, it } from "vitest";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Saying } from "./saying.ts";

declare module "vitest" {
  interface TaskMeta {
    saying?: Saying;
  }
}

export interface Wanted extends Omit<Saying, "message"> {
  /** Words that the message must hold. */
  readonly says?: string | RegExp;
  /** Which of the test's expectations; left out: the first. */
  readonly expectation?: string;
}

/**
 * A scenario in which something stands in the way of a true verdict, and what netverdict has to say of it, word by word.
 * Never that it passed: the type leaves no room for it. What it really said becomes a row of docs/never-mistaken.md.
 */
export function itSays(wanted: Wanted, run: () => Promise<ConnectivityTest>): void {
  const { when, verdict, reason, says = "", expectation: name } = wanted;
  it(`says ${verdict}, ${reason}: ${when}`, async ({ task }) => {
    const { expectations = [] } = (await run()).status;
    const told = name === undefined ? expectations[0] : expectations.find((other) => other.name === name);
    const { expected, message = "" } = told ?? {};
    const isSaid = typeof says === "string" ? message.includes(says) : says.test(message);
    // All in one, so that a failure shows the message, which mostly tells why.
    expect({ expected, verdict: told?.verdict, reason: told?.reason, message }).toEqual({
      expected: wanted.expect,
      verdict,
      reason,
      message: isSaid ? message : says,
    });
    task.meta.saying = { when, expect: wanted.expect, verdict, reason, message };
  });
}
