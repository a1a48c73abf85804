/** The earliest of the times that there are. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .flatMap((time) => (time ? [time] : []))
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}

/** So many milliseconds after an instant. */
export function later(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
