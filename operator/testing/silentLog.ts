import { vi, type Mock } from "vitest";
import type { Log } from "../runtime/log.ts";

/** A log that prints nothing and notes what was logged. */
export function silentLog(): { readonly [Level in keyof Log]: Mock<Log[Level]> } {
  return {
    error: vi.fn<Log["error"]>(),
    warn: vi.fn<Log["warn"]>(),
    info: vi.fn<Log["info"]>(),
    debug: vi.fn<Log["debug"]>(),
  };
}
