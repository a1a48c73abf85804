import { createHash } from "node:crypto";

const ID_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"; // as Kubernetes: no vowels, so that no words come about
const MAX_LABEL = 63; // a label, and so the name of a pod whose host name must fit (RFC 1123)

/** What a run follows from: a test of a generation, what was due (a key of `dueRun`), and the run that ended before it. */
export interface Cause {
  readonly uid: string;
  readonly generation: number;
  readonly key: string;
  /** So that the same token, given again after another one, is another run. */
  readonly after: string | undefined;
}

/** The id of the run that is due: the same for the same cause, so that a run begun twice (a restart, a stale cache) is one. */
export function runId({ uid, generation, key, after = "" }: Cause): string {
  const digest = createHash("sha256").update(`${uid}/${generation}/${key}/${after}`).digest();
  return [...digest.subarray(0, 8)].map((byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("");
}

/** What the names of a look at a run end in: the run's id, and a word more for the second look. */
export function runNameSuffix({
  id,
  followUp = false,
}: {
  readonly id: string;
  readonly followUp?: boolean | undefined;
}): string {
  return followUp ? `${id}-again` : id;
}

/** The name of the ProbeRun of a look. */
export function probeRunName(test: string, id: string): string {
  return `${cut(test, MAX_LABEL - id.length - 1)}-${id}`;
}

/**
 * The name of a ProbeRun that is in another namespace than its test, together with those of other tests: the witnesses of a
 * run, or a branch of it. A test without a namespace has "" for it.
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
  /** The workload of a probe, the node of a witness. */
  readonly of: string;
  readonly index: number;
}

/** The name of a pod of a run; the number makes it unique within the run. */
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
