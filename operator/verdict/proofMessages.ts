import { backendNodes } from "../../crds/proberun/backend.ts";
import { MAX_MESSAGE_BEFORE_SINCE } from "../../crds/teststatus.ts";
import { oneLine, truncateMiddle } from "../../probes/printable.ts";
import type { TriedPath } from "./evidence.ts";
import type { ProvenPath } from "./proof.ts";
import { hasNoLocalEndpoint, hasNoReadyEndpoint } from "./verdictRules.ts";
import type { WitnessResult } from "./witnessResult.ts";

const NO_ENDPOINT = "the Service has no ready endpoint: look at its pods and its selector";
const LOOK_AT_WITNESSES = "; look at the events of the namespace netverdict-witness";

/** The cluster's own words between ours, of which nothing must get lost: so many of them as there is room for. */
export function quote(before: string, words: string, after: string): string {
  return `${before}${truncateMiddle(words, Math.max(80, MAX_MESSAGE_BEFORE_SINCE - before.length - after.length))}${after}`;
}

const noEndpoint = (path: TriedPath) =>
  hasNoLocalEndpoint(path)
    ? `the Service has no ready endpoint on ${oneLine(path.pod?.node ?? "", 63)}, and its internalTrafficPolicy: Local sends nothing to other nodes: see that its pods run where the source's do`
    : NO_ENDPOINT;

/** Why a target that ought to answer is taken for down, and what to do about it. */
export function targetDownMessage({ path, target: { witness } }: ProvenPath): string {
  return witness?.state === "Down"
    ? `a witness on ${nodeIn(witness)} could not reach it either: see that it listens on that port, and that it accepts`
    : noEndpoint(path);
}

/** Why nothing shows that the target was up, and what to do about it. */
export function targetNotProvenMessage({ path, target: { witness } }: ProvenPath, opening: string): string {
  if (hasNoReadyEndpoint(path)) return `${opening}but ${noEndpoint(path)}`;
  switch (witness?.state) {
    case "Down":
      return `${opening}and a witness on ${nodeIn(witness)} could not reach it either: see that the target itself is up`;
    case "NotRun":
      return quote(
        `${opening}and the witness on ${nodeIn(witness)} did not run: `,
        witness.words ?? "it told nothing",
        LOOK_AT_WITNESSES,
      );
    case "Untimely":
      return `${opening}and the witness on ${nodeIn(witness)} did not see it up while the rounds decided: run the test again`;
    case "Alive":
    case undefined:
      return `${opening}but nothing shows that it was up: ${nameIt(path)}add an expectation that allows another workload to ${path.plan.check.tool === "dns" ? "ask" : "reach"} it`;
  }
}

/** Why nothing shows that the wire was up, and what to do about it. */
export function linkNotProvenMessage({ path, link: { witness } }: ProvenPath, opening: string): string {
  const near = path.pod?.node ?? "";
  const far = backendNodes(path.plan.backends).filter((node) => node !== near);
  const between = `${oneLine(near, 63)} and ${oneLine(far.join(", "), 63)}`;
  switch (witness?.state) {
    case "Down":
      return `${opening}and a witness's own connection between ${between} failed as well: look at what carries the pods' traffic between nodes`;
    case "NotRun":
      return quote(
        `${opening}and the witnesses on ${between} did not run: `,
        witness.words ?? "they told nothing",
        LOOK_AT_WITNESSES,
      );
    case "Untimely":
      return `${opening}and the witnesses on ${between} did not reach each other while the rounds decided: run the test again`;
    case "Alive":
    case undefined:
      return `${opening}but nothing shows that ${unreached(near, far)}`;
  }
}

/** Where no node is known to have the address, it lies outside. */
const unreached = (near: string, far: readonly string[]) =>
  far.length === 0
    ? `the node ${oneLine(near, 63)} reaches that address: add an expectation that allows another workload on that node to reach it`
    : "the two nodes reach each other: add an expectation that allows a path between them";

/** That what shows that the target and the wire were up may have been at another time, and what to do about it. */
export function notAtOnce({ doubt }: ProvenPath, opening: string): string {
  if (!doubt) return `${opening}but nothing shows at what time it was up`;
  const [near, far] = [oneLine(doubt.near, 63), oneLine(doubt.far, 63)];
  if (!Number.isFinite(doubt.ahead.from) || !Number.isFinite(doubt.ahead.to))
    return `${opening}but how far the clocks of ${near} and ${far} differ was not measured, so that what was seen from one may have been at another time on the other: run the test again`;
  const bounds = `between ${seconds(doubt.ahead.from)} and ${seconds(doubt.ahead.to)} s`;
  return `${opening}but the clock of ${far} is ${bounds} ahead of that of ${near}, so that what was seen from one may have been at another time on the other: see that both clocks are synchronized, then run the test again`;
}

const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1);

/** What a name leads to in the cluster has no witness by its name alone. */
const nameIt = ({ plan }: TriedPath) =>
  plan.kind === "Host" ? "if it is a Service or a pod, name that in place of the host, else " : "";

const nodeIn = ({ node }: WitnessResult) => oneLine(node, 63);
