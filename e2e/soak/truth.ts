/** A state of a connection. It took effect at an unknown time between `begun` and `confirmed`, both in milliseconds. */
export interface State {
  readonly isOpen: boolean;
  readonly begun: number;
  /** Infinity: not yet. */
  readonly confirmed: number;
}

/** What the connections of the soak test were at each time, from the changes alone that the soak test itself has made. */
export interface Truth {
  /** A change is about to be made. The one before must be confirmed. */
  readonly change: (connection: string, isOpen: boolean, now: number) => void;
  /** The last change of the connection is in force. */
  readonly confirm: (connection: string, now: number) => void;
  readonly isOpen: (connection: string) => boolean;
  /** The states that the connection can have had between two times. */
  readonly statesBetween: (connection: string, start: number, end: number) => ReadonlySet<boolean>;
}

/** The connections with their first states, which are in force. */
export function truthOf(first: ReadonlyMap<string, boolean>): Truth {
  const always = (isOpen: boolean): State => ({ isOpen, begun: -Infinity, confirmed: -Infinity });
  const states = new Map([...first].map(([connection, isOpen]) => [connection, [always(isOpen)]]));
  const of = (connection: string): State[] => {
    const known = states.get(connection);
    if (known === undefined) throw new Error(`${connection}: there is no such connection`);
    return known;
  };
  const last = (connection: string): State => of(connection).at(-1) ?? always(false);
  return {
    change(connection, isOpen, now) {
      if (last(connection).confirmed === Infinity)
        throw new Error(`${connection}: the change before is not confirmed`);
      of(connection).push({ isOpen, begun: now, confirmed: Infinity });
    },
    confirm: (connection, now) => void of(connection).splice(-1, 1, { ...last(connection), confirmed: now }),
    isOpen: (connection) => last(connection).isOpen,
    statesBetween: (connection, start, end) => statesBetween(of(connection), start, end),
  };
}

/** A state can hold from the time when its change began until the next change is confirmed. */
export function statesBetween(states: readonly State[], start: number, end: number): ReadonlySet<boolean> {
  const possible = states.filter(
    ({ begun }, index) => begun <= end && (states[index + 1]?.confirmed ?? Infinity) >= start,
  );
  return new Set(possible.map(({ isOpen }) => isOpen));
}
