import { expect, it } from "vitest";

import { takeInterrupts } from "./interrupt.ts";

it("takes a signal as often as it comes, until it is released", () => {
  const before = process.listenerCount("SIGTERM");
  const interrupt = takeInterrupts();
  process.emit("SIGTERM");
  process.emit("SIGTERM");
  expect(interrupt.signal.aborted).toBe(true);
  expect(() => interrupt.signal.throwIfAborted()).toThrow(/interrupted/);
  interrupt.release();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
