import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { Failure } from "../process/failure.ts";

/**
 * Returns what a test reports on an expectation of one path. `tried` are its samples without the rounds that say nothing, which a
 * busy node leaves out.
 */
export function expectationStatusOf({ status }: ConnectivityTest, name: string) {
  const found = status.expectations?.find((other) => other.name === name);
  const [path, ...others] = found?.paths ?? [];
  if (found === undefined || path === undefined || others.length > 0)
    throw new Failure(`${name} has not reported exactly one path: ${JSON.stringify(found)}`);
  const { samples, settledAfter, proof } = path;
  return { ...found, samples, tried: samples.replaceAll(/[E-]/g, ""), settledAfter, proof };
}
