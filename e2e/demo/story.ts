import type { ConnectivityTest } from "../../crds/connectivitytest.ts";

/** What did not pass, one line each, with the operator's own words; a sentence if everything did. */
export function findings(tests: readonly ConnectivityTest[]): readonly string[] {
  const lines = tests.flatMap(({ metadata, status }) =>
    (status.expectations ?? [])
      .filter(({ verdict }) => verdict !== "Passed")
      .map(
        ({ name, verdict, expected, actual, message }) =>
          `${metadata.namespace}/${name}: ${verdict}, expected ${expected}, was ${actual}. ${message}`,
      ),
  );
  return lines.length > 0 ? lines : ["Every expectation holds."];
}

/** Whether the database was open at first and everything held in the end: what the demo is there to show. */
export function cameAsTold(before: readonly ConnectivityTest[], after: readonly ConnectivityTest[]): boolean {
  const database = before
    .flatMap(({ status }) => status.expectations ?? [])
    .find(({ name }) => name === "orders-never-touch-mysql");
  const wasOpen = database?.verdict === "Failed" && database.actual === "Allowed";
  return wasOpen && after.length > 0 && after.every(({ status }) => status.verdict === "Passed");
}
