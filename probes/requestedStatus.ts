import type { Check } from "../crds/proberun/proberun.ts";

/** Reports whether a check requests this status; by default every status below 400. */
export function isRequestedStatus(httpStatus: number, { status }: Pick<Check, "status">): boolean {
  return status === undefined ? httpStatus < 400 : status.some((asked) => covers(asked, httpStatus));
}

/** `200` matches 200, `2xx` its whole class. */
function covers(asked: string, status: number): boolean {
  return asked.endsWith("xx") ? asked[0] === String(status)[0] : asked === String(status);
}
