import type { Check } from "../../crds/proberun/proberun.ts";
import { dns } from "./dns.ts";
import { http } from "./http.ts";
import { icmp } from "./icmp.ts";
import type { Tool } from "./tool.ts";

/** The programs of the checks that start one for each attempt: all but tcp, whose attempts share a process. */
export const tools = { http, icmp, dns } satisfies Record<Exclude<Check["tool"], "tcp">, Tool>;
