/** The earliest of the times that there are. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times
    .flatMap((time) => (time ? [time] : []))
    .toSorted((one, other) => one.getTime() - other.getTime())[0];
}
