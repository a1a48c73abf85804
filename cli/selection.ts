import {
  clusterConnectivityTestSchema,
  type ConnectivityTest,
  connectivityTestSchema,
  kindOf,
} from "../crds/connectivitytest.ts";
import { type Metadata, qualifiedName } from "../crds/metadata.ts";
import { readTest } from "../crds/readtest.ts";
import type { Api } from "../operator/runtime/api.ts";
import { isNotFound } from "../operator/runtime/apiError.ts";
import {
  clusterConnectivityTestsPath,
  connectivityTestPath,
  connectivityTestsPath,
} from "../operator/runtime/resourcePaths.ts";

/** A test; with the namespace "", a ClusterConnectivityTest. */
export type TestKey = Pick<Metadata, "namespace" | "name">;

/** Which tests a command is about. */
export type TestSelection =
  /** The tests of all namespaces, and all ClusterConnectivityTests. */
  | "All"
  /** All tests of the namespace; of the namespace "", all ClusterConnectivityTests. */
  | { readonly namespace: string }
  /** These tests. */
  | { readonly tests: readonly TestKey[] };

/** `ConnectivityTest shop/web`, or `ClusterConnectivityTest web`. */
export const subjectOf = (key: TestKey): string => `${kindOf({ metadata: key }).kind} ${qualifiedName(key)}`;

/** The subject of a request for all selected tests. */
export function selectionSubject(selection: TestSelection): string {
  if (selection === "All") return "tests of all namespaces";
  if ("tests" in selection) return selection.tests.map(subjectOf).join(", ");
  const { namespace } = selection;
  return namespace === "" ? "ClusterConnectivityTests" : `namespace ${namespace}`;
}

/** The path of a test in the API. */
export const testPath = ({ namespace, name }: TestKey) => connectivityTestPath(namespace, name);

/** A test as the API server has returned it. */
export const parseTest = (raw: unknown, namespace: string) =>
  readTest(namespace === "" ? clusterConnectivityTestSchema : connectivityTestSchema, raw);

/** Reads the selected tests. One that does not exist is missing in the result. Throws ApiError. */
export async function readTests(api: Api, selection: TestSelection): Promise<ConnectivityTest[]> {
  const listOf = (namespace: string | undefined) => {
    const path = namespace === "" ? clusterConnectivityTestsPath() : connectivityTestsPath(namespace);
    return api.list(path, (raw) => parseTest(raw, namespace ?? "any"));
  };
  if (selection === "All") return (await Promise.all([listOf(undefined), listOf("")])).flat();
  if ("namespace" in selection) return listOf(selection.namespace);
  return (await Promise.all(selection.tests.map((key) => getIfPresent(api, key)))).flat();
}

async function getIfPresent(api: Api, name: TestKey): Promise<ConnectivityTest[]> {
  try {
    return [parseTest(await api.get(testPath(name)), name.namespace)];
  } catch (error) {
    if (isNotFound(error) && error.reason === "NotFound") return [];
    throw error;
  }
}
