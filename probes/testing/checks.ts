import type { z } from "zod";
import { checkSchema, type Check } from "../../crds/proberun/plannedpath.ts";
import { probingSchema, type Probing } from "../../crds/probing.ts";

/** A check for tests: http to a documentation address unless said otherwise. */
export function check(path: number, more: Partial<z.input<typeof checkSchema>> = {}): Check {
  return checkSchema.parse({ path, tool: "http", family: "IPv4", address: "192.0.2.2", port: 80, ...more });
}

export function probing(more: Partial<z.input<typeof probingSchema>> = {}): Probing {
  return probingSchema.parse(more);
}
