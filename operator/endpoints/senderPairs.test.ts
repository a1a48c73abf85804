import { expect, it } from "vitest";
import { calicoPolicy } from "../cluster/policies/calico.ts";
import { pod } from "../testing/objects.ts";
import { holdsForOneOf } from "./senderPairs.ts";

const agent = pod("agent", { labels: { app: "agent" }, spec: { hostNetwork: true } });
const server = pod("server", { labels: { app: "server" } });

it.each([
  ["NetworkPolicy", { selector: 'app == "agent"' }, [true, false]],
  ["NetworkPolicy", { selector: 'role == "node"' }, [false, false]],
  ["GlobalNetworkPolicy", { selector: 'app == "server"' }, [true, true]],
  ["GlobalNetworkPolicy", { selector: 'role == "node"' }, [true, false]],
  ["GlobalNetworkPolicy", { selector: 'role == "node"', applyOnForward: true }, [true, true]],
  ["GlobalNetworkPolicy", { selector: 'role == "node"', preDNAT: true }, [true, true]],
  ["GlobalNetworkPolicy", { selector: 'role == "node"', doNotTrack: true }, [true, true]],
])(
  "only a cluster-wide policy of Calico may hold for nodes and for what they forward: %s with %j",
  (kind, spec, holds) => {
    const { namespace } = server.metadata;
    const metadata = { name: "guard", ...(kind === "NetworkPolicy" && { namespace }) };
    const policy = calicoPolicy(kind).parse({ metadata, spec });
    expect([agent, server].map((one) => holdsForOneOf(policy, [one]))).toEqual(holds);
  },
);
