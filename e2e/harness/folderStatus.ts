import {
  type ConnectivityTest,
  connectivityTestSchema,
  type ExpectationStatus,
} from "../../crds/connectivitytest.ts";
import { Failure } from "../process/failure.ts";

/** What the tests of a folder report, by the names of their expectations, which differ in all of a folder. */
export interface FolderStatus {
  readonly tests: readonly ConnectivityTest[];
  /** `Passed AsExpected`, by the names of the expectations. */
  readonly verdicts: Readonly<Record<string, string>>;
  /** Fails where there is no expectation of that name. */
  expectation(name: string): ExpectationStatus;
}

/** The suffix of names in the cluster is left out, so that one reads the names of the folder. */
export function folderStatusOf(tests: readonly ConnectivityTest[], suffix: string): FolderStatus {
  const renamed = tests.map((test) => {
    const plain: unknown = JSON.parse(JSON.stringify(test).replaceAll(suffix, ""));
    return connectivityTestSchema.parse(plain);
  });
  const expectations = new Map<string, ExpectationStatus>();
  for (const expectation of renamed.flatMap(({ status }) => status.expectations ?? [])) {
    if (expectations.has(expectation.name))
      throw new Failure(`two expectations are named ${expectation.name}`);
    expectations.set(expectation.name, expectation);
  }
  const verdicts = [...expectations].map(
    ([name, { verdict, reason }]) => [name, `${verdict} ${reason}`] as const,
  );
  return {
    tests: renamed,
    verdicts: Object.fromEntries(verdicts),
    expectation(name) {
      const found = expectations.get(name);
      if (found === undefined)
        throw new Failure(`no expectation ${name} among ${[...expectations.keys()].join()}`);
      return found;
    },
  };
}
