/** The continuous contact of the pod's own node with the runner, which proves the pod's network. */
export interface NodeContact {
  /** The node's address, as the runner observed it. */
  readonly address: string;
  /** Epoch milliseconds of the first contact after the last gap, by the node's clock. */
  readonly first: number;
  /** Epoch milliseconds of the last one. */
  readonly last: number;
}

/** The period of the kubelet's probe in seconds: the shortest possible. */
export const CONTACT_PERIOD = 1;

/**
 * The port of the runner, which accepts and closes connections: a contact from the pod's own node proves that the
 * pod's network is up.
 */
export const RUNNER_PORT = 9_797;
