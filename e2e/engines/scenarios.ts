import type { EngineName } from "../cluster/build/groups.ts";

/** A file of scenarios that `npm run test:engines` runs. */
export interface Marked {
  readonly file: string;
  /** The text of its row in the table. */
  readonly shows: string;
  /** Where it runs. Left out: on every engine. */
  readonly only?: { readonly engine: EngineName; readonly why: string };
}

const FELIX = "it stops felix, Calico's agent";

/**
 * The scenarios whose verdict is the same on every engine, and those whose verdict differs. A scenario that is not listed
 * depends on nothing of an engine that these do not depend on; it runs in `npm test`, on Calico.
 */
export const marked: readonly Marked[] = [
  {
    file: "e2e/scenarios/icmp-deny/icmp-deny.test.ts",
    shows: "a policy against ping alone, in the engine's own policy kind and both families",
  },
  {
    file: "e2e/scenarios/lone-denial.test.ts",
    shows: "a source with nothing else to prove it: a denial alone, a closed path alone, and both",
  },
  {
    file: "e2e/scenarios/witness.test.ts",
    shows: "a witness passes every policy; an address outside; a target that is down",
  },
  {
    file: "e2e/scenarios/root-passes.test.ts",
    shows: "a witness passes a firewall in its node that drops what other users than root send",
  },
  {
    file: "e2e/scenarios/settled-policy.test.ts",
    shows: "policies that are created and deleted during the rounds",
  },
  {
    file: "e2e/scenarios/twin.test.ts",
    shows: "the probe pod is its source's twin, and disturbs no other object",
  },
  {
    file: "e2e/scenarios/api-server.test.ts",
    shows: "a denied API server, by its Service and by its address",
  },
  { file: "e2e/scenarios/requests.test.ts", shows: "HTTP, TLS and DNS requests, allowed and denied" },
  {
    file: "e2e/false-denials/names.test.ts",
    shows: "a name that does not resolve, and a policy that blocks DNS",
  },
  { file: "e2e/false-denials/service.test.ts", shows: "a Service is each of its endpoints" },
  {
    file: "e2e/scenarios/mariadb-host-block/mariadb-host-block.test.ts",
    shows: "half-open TCP connections, allowed and denied, leave no trace in a database",
  },
  {
    file: "e2e/scenarios/node-port.test.ts",
    shows: "a node port and a host port, from the node itself and from another one",
  },
  {
    file: "e2e/false-denials/sourceNotReproducible.test.ts",
    shows: "a policy that treats a source and its twin differently, by labels or by addresses",
  },
  { file: "e2e/outcomes/outcomes.test.ts", shows: "the outcome of every tool for each cause" },
  {
    file: "e2e/scenarios/node-contact.test.ts",
    shows: "a source under default-deny is proven by its own node",
    only: {
      engine: "calico",
      why: "its node reaches a pod from an address of the pods' range, which proves nothing",
    },
  },
  {
    file: "e2e/engines/cilium.test.ts",
    shows:
      "the engine identifies the twin by its source's labels; a source that only its node can reach is not proven; policies of its own kinds",
    only: { engine: "cilium", why: "it tests Cilium's own objects and addresses" },
  },
  {
    file: "e2e/node-faults/late-policy.test.ts",
    shows: "a policy that its engine enforces late",
    only: { engine: "calico", why: FELIX },
  },
  {
    file: "e2e/node-faults/unenforced-policy.test.ts",
    shows: "a policy that no engine enforces",
    only: { engine: "calico", why: FELIX },
  },
];

/** Those that run on an engine. */
export const runningOn = (engine: EngineName) =>
  marked.filter(({ only }) => only === undefined || only.engine === engine);
