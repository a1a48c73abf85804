/** The pod's own node has reached the runner, again and again: the pod's network is up. */
export interface Contact {
  /** The node's address, as the runner saw it. */
  readonly address: string;
  /** Epoch milliseconds of the first contact since when there was no gap, by the node's clock. */
  readonly first: number;
  /** Epoch milliseconds of the last one. */
  readonly last: number;
}

/** How often the kubelet is asked to come, in seconds: its shortest period. */
export const CONTACT_PERIOD = 1;

/** One contact in a row may be lost, to a full queue or a busy kubelet. After two, what was known begins anew. */
const LONGEST_GAP = 2_500;

export interface ContactInput {
  /** The addresses of the pod's node (`status.hostIPs`). */
  readonly nodeAddresses: readonly string[];
  /** Epoch milliseconds that never step back. */
  readonly now: () => number;
  readonly say: (line: string) => void;
}

export interface ContactWatch {
  /** To be told of every connection, with the address it came from. */
  readonly meet: (remoteAddress: string | undefined) => void;
  readonly latest: () => Contact | undefined;
}

/**
 * Remembers since when the node reaches the runner without a gap. An address that is not the node's own never counts:
 * it may be a pod's (docs/decisions/0007-node-contact.md). The first stranger is told of, for whoever wonders.
 */
export function watchContact({ nodeAddresses, now, say }: ContactInput): ContactWatch {
  let contact: Contact | undefined;
  let strangerTold = false;
  const meet = (remoteAddress = "") => {
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
  return { meet, latest: () => contact };
}

function continued(before: Contact | undefined, { address, at }: { address: string; at: number }): Contact {
  const unbroken = before?.address === address && at - before.last <= LONGEST_GAP;
  return { address, first: unbroken ? before.first : at, last: at };
}

/** A socket for both families names an IPv4 peer so (RFC 4291 §2.5.5.2). */
const unmapped = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, "");
