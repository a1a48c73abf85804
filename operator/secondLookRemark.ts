import { oneLine } from "../probes/printable.ts";

/**
 * What became of the second look at a path. Decided: its rounds did. CameToNothing: it did not run or was starved, and the
 * first look stands. WitnessedAfterwards: a witness was asked about the target when the rounds were over.
 */
export interface SecondLookRemark {
  readonly state: "Decided" | "CameToNothing" | "WitnessedAfterwards";
  /** Why it came to nothing, in the words of the cluster or the tool. */
  readonly words?: string;
}

/** A clause of a message for what was looked at twice; none where nothing was. */
export function secondLooks(paths: readonly { readonly again?: SecondLookRemark }[]): readonly string[] {
  const [remark] = paths.flatMap(({ again }) => again ?? []);
  switch (remark?.state) {
    case "Decided":
      return ["looked at twice, and the second time decides"];
    case "CameToNothing":
      return [`a second look came to nothing: ${oneLine(remark.words ?? "its probe pod told nothing", 200)}`];
    case "WitnessedAfterwards":
      return ["the witness was asked after the rounds"];
    case undefined:
      return [];
  }
}
