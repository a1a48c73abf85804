import type { NodeContact } from "../nodeContact.ts";

/**
 * One contact may be lost, because of a full queue or a busy kubelet. After two lost contacts the span starts again.
 */
const LONGEST_CONTACT_GAP_MS = 2_500;

export interface NodeContactInput {
  /** The addresses of the pod's node (`status.hostIPs`). */
  readonly nodeAddresses: readonly string[];
  /** Monotonic epoch milliseconds. */
  readonly now: () => number;
  readonly say: (line: string) => void;
}

export interface NodeContactWatch {
  /** Called for every connection, with its source address. */
  readonly onConnection: (remoteAddress: string | undefined) => void;
  readonly latest: () => NodeContact | undefined;
}

/**
 * Records since when the node reaches the runner without a gap. An address that is not the node's own never counts,
 * because it may be a pod's (docs/decisions/0007-node-contact.md). The first such address is logged.
 */
export function watchNodeContact({ nodeAddresses, now, say }: NodeContactInput): NodeContactWatch {
  let contact: NodeContact | undefined;
  let strangerTold = false;
  const onConnection = (remoteAddress = "") => {
    const address = unmapped(remoteAddress);
    if (nodeAddresses.includes(address)) {
      const before = contact;
      contact = continued(before, { address, at: Math.round(now()) });
      if (contact.first !== before?.first) say(`the node reaches this pod, from ${address}\n`);
    } else if (!strangerTold) {
      strangerTold = true;
      say(`a contact from ${address} does not count: it is no address of this node\n`);
    }
  };
  return { onConnection, latest: () => contact };
}

function continued(
  before: NodeContact | undefined,
  { address, at }: { address: string; at: number },
): NodeContact {
  const unbroken = before?.address === address && at - before.last <= LONGEST_CONTACT_GAP_MS;
  return { address, first: unbroken ? before.first : at, last: at };
}

/** A socket for both families reports an IPv4 peer in this form (RFC 4291 §2.5.5.2). */
const unmapped = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, "");
