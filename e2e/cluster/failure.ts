/** What a person can act on: its message is one line that says what is missing and, where known, the remedy. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
