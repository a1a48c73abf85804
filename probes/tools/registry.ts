import type { Check } from "../../crds/proberun/proberun.ts";
import { dns } from "./dns.ts";
import { http } from "./http.ts";
import { icmp } from "./icmp.ts";
import { tcp } from "./tcp.ts";
import type { Tool } from "./tool.ts";

/** The tools of the checks. */
export const tools = { http, tcp, icmp, dns } satisfies Record<Check["tool"], Tool>;

export function toolFor({ tool }: Pick<Check, "tool">): Tool {
  return tools[tool];
}
