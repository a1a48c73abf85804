import { expect, it } from "vitest";

/** One row of the table in docs/security.md. */
export interface Attack {
  readonly attempt: string;
  /** What stops it. */
  readonly by: string;
  /** A part of the answer that the attempt gets. */
  readonly result: string;
}

/** The attempts of one kind of user, which one test file carries out. */
export interface Attacks<Key extends string = string> {
  readonly who: string;
  /** The test file, in this folder. */
  readonly test: string;
  readonly rows: Readonly<Record<Key, Attack>>;
}

/** A test for each row: carries out the attempt, and compares the answer with the row. */
export function itStops<Key extends string>(
  { rows }: Attacks<Key>,
  answerTo: (key: Key) => string | Promise<string>,
): void {
  for (const key in rows)
    it(`is stopped: ${rows[key].attempt}`, async () => {
      expect(await answerTo(key)).toContain(rows[key].result);
    });
}
