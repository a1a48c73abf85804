/** What a person can act on: its message says what is missing and, where known, the remedy; a line for each problem. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
