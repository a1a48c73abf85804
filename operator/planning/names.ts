import { createHash } from "node:crypto";

const ID_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"; // as in Kubernetes: no vowels, so that no words can appear
const MAX_LABEL = 63; // a label, which limits the name of a pod because it becomes the host name (RFC 1123)

/**
 * The inputs of a run's id: the test, its generation, the cause of the run (a key of `dueRun`), and the previous run.
 */
export interface Cause {
  readonly uid: string;
  readonly generation: number;
  readonly key: string;
  /** Distinguishes two runs for the same token with another token in between. */
  readonly after: string | undefined;
}

/**
 * Returns the id of the run that is due. The same cause gives the same id, so a run that is started twice (a restart,
 * a stale cache) is one run.
 */
export function runId({ uid, generation, key, after = "" }: Cause): string {
  const digest = createHash("sha256").update(`${uid}/${generation}/${key}/${after}`).digest();
  return [...digest.subarray(0, 8)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
}

/** Returns the suffix of the names of a run: its id, with an addition for the follow-up run. */
export function runNameSuffix({
  id,
  followUp = false,
}: {
  readonly id: string;
  readonly followUp?: boolean | undefined;
}): string {
  return followUp ? `${id}-again` : id;
}

/** Returns the name of the ProbeRun of a first run or a follow-up run. */
export function probeRunName(test: string, id: string): string {
  return `${cut(test, MAX_LABEL - id.length - 1)}-${id}`;
}

/**
 * Returns the name of a ProbeRun in another namespace than its test, which also has those of other tests: the
 * witnesses of a run, or a child run. A test without a namespace has "".
 */
export function unownedRunName({ namespace = "", name }: TestName, id: string): string {
  return probeRunName(namespace === "" ? name : `${namespace}.${name}`, id);
}

interface TestName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface PodNameParts {
  readonly role: "probe" | "witness";
  readonly id: string;
  /** The source of a probe pod, or the node of a witness. */
  readonly of: string;
  readonly index: number;
}

/** Returns the name of a pod of a run; the number makes it unique within the run. */
export function podName({ role, id, of, index }: PodNameParts): string {
  const end = `${id}-${index}`;
  return `${role}-${cut(slug(of), MAX_LABEL - end.length - role.length - 2)}-${end}`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[^/]*\//, "")
    .replaceAll(/[^a-z0-9-]+/g, "-");
}

function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[-.]+$/, "");
}
