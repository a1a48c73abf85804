import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { keyOf } from "../../crds/metadata.ts";
import type { TestName } from "../kube/connectivityTests.ts";

/** How many expectations passed; then each one that did not, with the operator's own message below it. */
export function findings(tests: readonly ConnectivityTest[]): readonly string[] {
  const all = tests.flatMap(({ metadata, status }) =>
    (status.expectations ?? []).map((expectation) => ({ metadata, ...expectation })),
  );
  const others = all.filter(({ verdict }) => verdict !== "Passed");
  const details = others.flatMap(({ metadata, name, verdict, reason, expected, actual, message }) => [
    `${subject(metadata, name)}: expected ${expected}, was ${actual}: ${verdict} (${reason}).`,
    `  ${message}`,
  ]);
  return [`${all.length - others.length} of ${all.length} expectations passed.`, ...details];
}

/** An expectation as the demo names it, with the test that declares it. */
export function subject(test: TestName, name: string): string {
  return `${name} (test ${keyOf(test)})`;
}
