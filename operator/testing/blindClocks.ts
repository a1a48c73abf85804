import type { ClockWatch } from "../runs/clockWatch.ts";

/** Measures no clock, for tests of something else. */
export const blindClocks: ClockWatch = {
  now: () => 0,
  created: () => {},
  see: () => {},
  clockOf: () => undefined,
  forget: () => {},
};
