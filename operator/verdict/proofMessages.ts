import { backendNodes } from "../../crds/proberun/backend.ts";
import { isGroupAddress, isOwnAddress } from "../../crds/target.ts";
import { fitQuote, shorten } from "../../probes/messageLength.ts";
import type { TriedPath } from "./evidence.ts";
import type { ProvenPath } from "./proof.ts";
import { hasNoLocalEndpoint, hasNoReadyEndpoint, unsupportedAddressOf } from "./verdictRules.ts";
import type { WitnessResult } from "./witnessResult.ts";

const NO_ENDPOINT = "the Service has no ready endpoint. Check its pods and its selector";
const LOOK_AT_WITNESSES = ". Check the events of the namespace netverdict-witness";

const noEndpoint = (path: TriedPath) =>
  hasNoLocalEndpoint(path)
    ? `the Service has no ready endpoint on ${shorten(path.pod?.node ?? "", "node")}, and its internalTrafficPolicy: Local sends nothing to other nodes. Check that its pods run on the nodes of the source`
    : NO_ENDPOINT;

/** Why a target with `expect: Allowed` counts as down, and what to do about it. */
export function targetDownMessage({ path, target: { witness } }: ProvenPath): string {
  return witness?.state === "Down"
    ? `a witness on ${nodeIn(witness)} could not reach it either. Check that it listens on that port and accepts connections`
    : noEndpoint(path);
}

/** Why nothing proves that the target was up, and what to do about it. */
export function targetNotProvenMessage({ path, target: { witness } }: ProvenPath, opening: string): string {
  if (hasNoReadyEndpoint(path)) return `${opening}but ${noEndpoint(path)}`;
  switch (witness?.state) {
    case "Down":
      return `${opening}and a witness on ${nodeIn(witness)} could not reach it either. Check that the target itself is up`;
    case "NotRun":
      return fitQuote(
        `${opening}and the witness on ${nodeIn(witness)} did not run: `,
        witness.words ?? "it reported no result",
        LOOK_AT_WITNESSES,
      );
    case "Untimely":
      return `${opening}and the witness on ${nodeIn(witness)} did not reach it during the deciding rounds. Run the test again`;
    case "Alive":
    case undefined:
      return `${opening}but nothing proves that it was up${withoutWitness(path)}`;
  }
}

/**
 * What to do about a target that no witness tried. A witness may not try every address (docs/witnesses.md). The words are the same
 * for an address of another namespace's pod and for one that belongs to no pod.
 */
function withoutWitness(path: TriedPath): string {
  const { kind, check, witness } = path.plan;
  const verb = check.tool === "dns" ? "query" : "reach";
  const add = `${nameIt(path)} an expectation that allows another workload to ${verb} it`;
  const isKnown = (check.address ?? path.result?.address) !== undefined;
  if (witness !== undefined || !isKnown || arePodsOfPodNetwork(path)) return `. ${add}`;
  const listed = kind === "ClusterAddress" ? "its endpoints" : "it";
  const list = `, and no witness tried it. ${add}, or ask an administrator to list ${listed} in NETVERDICT_WITNESS_ALLOW`;
  return kind === "Address" && check.tool !== "dns"
    ? `${list}. If it is a pod of another namespace, select it by to.podSelector with a ProbeGrant`
    : list;
}

const arePodsOfPodNetwork = ({ plan: { backends } }: TriedPath) =>
  backends.length > 0 && backends.every(({ uid, hostNetwork }) => uid !== "" && !hostNetwork);

/** Why nothing proves that the link was up, and what to do about it. */
export function linkNotProvenMessage({ path, link: { witness } }: ProvenPath, opening: string): string {
  const near = path.pod?.node ?? "";
  const far = backendNodes(path.plan.backends).filter((node) => node !== near);
  const between = `${shorten(near, "node")} and ${shorten(far.join(", "), "node")}`;
  switch (witness?.state) {
    case "Down":
      return `${opening}and a witness's own connection between ${between} failed as well. Check the pod network between these nodes`;
    case "NotRun":
      return fitQuote(
        `${opening}and the witnesses on ${between} did not run: `,
        witness.words ?? "they reported no result",
        LOOK_AT_WITNESSES,
      );
    case "Untimely":
      return `${opening}and the witnesses on ${between} did not reach each other during the deciding rounds. Run the test again`;
    case "Alive":
    case undefined:
      return `${opening}but nothing proves that ${unreached(near, far)}`;
  }
}

/** An address that no known node has is outside the cluster. */
const unreached = (near: string, far: readonly string[]) =>
  far.length === 0
    ? `the node ${shorten(near, "node")} reaches that address. Add an expectation that allows another workload on that node to reach it`
    : "the two nodes reach each other. Add an expectation that allows a path between them";

/** The proof of the target and the link may be from another time than the denial; the message ends with the action. */
export function notAtOnce({ doubt }: ProvenPath, opening: string): string {
  if (!doubt) return `${opening}but nothing proves at what time it was up`;
  const [near, far] = [shorten(doubt.near, "node"), shorten(doubt.far, "node")];
  if (!Number.isFinite(doubt.ahead.from) || !Number.isFinite(doubt.ahead.to))
    return `${opening}but the clock difference between ${near} and ${far} was not measured, so that the observations of one may be from another time than those of the other. Run the test again`;
  const bounds = `between ${seconds(doubt.ahead.from)} and ${seconds(doubt.ahead.to)} s`;
  return `${opening}but the clock of ${far} is ${bounds} ahead of that of ${near}, so that the observations of one may be from another time than those of the other. Synchronize both clocks, then run the test again`;
}

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1);

/** The targets of a name within the cluster have no witness by the name alone. */
const nameIt = ({ plan }: TriedPath) =>
  plan.kind === "Host" ? "If the host is a Service or a pod, name that instead. Otherwise add" : "Add";

const nodeIn = ({ node }: WitnessResult) => shorten(node, "node");

/** The address that the path led to, and what to test instead. */
export function unsupportedAddressMessage(path: TriedPath): string {
  const address = unsupportedAddressOf(path) ?? "";
  if (isGroupAddress(address))
    return `leads to ${address}, which is a multicast or broadcast address: an answer to it proves no path to one target. Name the address of the target`;
  return isOwnAddress(address)
    ? `leads to ${address}, which is the probe pod itself, without the containers of its source. Test the address that these connect to`
    : `leads to ${address}, which is the address of the probe pod itself, and of no target. Name the target by its labels, by its Service or by a host`;
}

/** Why a result from the other side does not count, and what to do about it. */
export function otherSideMessage({ plan: { translated }, pod }: TriedPath): string {
  const node = shorten(translated?.node ?? "", "node");
  const ran = shorten(pod?.node ?? "", "node");
  return translated?.from === "OwnNode"
    ? `the source's pods run on ${node}, and its probe pod ran on ${ran}, from where the port may have another result. Check that ${node} has room for one more pod with the source's tolerations`
    : `the source has pods on other nodes than ${node}, and its probe pod ran on ${ran}, from where the port may have another result. Check that another node takes pods with the source's tolerations`;
}
