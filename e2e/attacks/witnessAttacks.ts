import type { Attacks } from "./attack.ts";

const by = "the plan of the witnesses ([witnesses.md](witnesses.md))";
const result = "no witness tries it";

/** What an author tries in order to find open ports with the help of a witness, which no policy blocks. */
export const WITNESS_ATTACKS = {
  who: "A user who may write a ConnectivityTest",
  test: "witnesses.unit.test.ts",
  rows: {
    address: { attempt: "a port of another namespace's pod, by its address", by, result },
    ping: { attempt: "a ping to another namespace's pod, by its address", by, result },
    granted: { attempt: "the same at a pod that a ProbeGrant lists by labels", by, result },
    server: { attempt: "another namespace's pod as a DNS server", by, result },
    byHand: { attempt: "an EndpointSlice, written by hand, with another namespace's pod", by, result },
    labels: { attempt: "another namespace's pods by labels, without a ProbeGrant", by, result },
    metadata: { attempt: "the metadata service of a cloud", by, result },
    internet: { attempt: "an address of the internet from a namespace without egress", by, result },
    apiServer: { attempt: "another port of the API server", by, result },
  },
} as const satisfies Attacks;
