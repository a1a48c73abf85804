import { z } from "zod";
import {
  API_VERSION,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  RUN_REQUESTED,
} from "../../crds/group.ts";
import { type Metadata, qualifiedName } from "../../crds/metadata.ts";
import { DNS_NAME } from "./dnsName.ts";
import { NO_OBJECT, parseManifest, type FileProblem, type ManifestDocument } from "./manifest.ts";

/** A test as a file has it. */
export interface TestManifest {
  readonly key: Pick<Metadata, "namespace" | "name">;
  /** The object to apply: without its status, and without a token of its own. */
  readonly object: object;
}

export interface NamespaceChoice {
  /** The namespace of `--namespace`. */
  readonly given?: string | undefined;
  /** The namespace of the context. */
  readonly ofContext?: string | undefined;
}

export interface TestManifests {
  readonly tests: readonly TestManifest[];
  /** If there is one, none of the tests may be applied. */
  readonly problems: readonly FileProblem[];
}

const USE_TESTS = `Use only ConnectivityTests and ClusterConnectivityTests of ${API_VERSION}.`;

const headSchema = z.looseObject({ apiVersion: z.string().default(""), kind: z.string().default("") });
const testObjectSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string().regex(DNS_NAME),
    namespace: z.string().min(1).nullish(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
  }),
});
type TestObject = z.infer<typeof testObjectSchema>;

/** Returns the tests of a file, each with its namespace. The API server checks what else is in it. */
export function testManifests(text: string, choice: NamespaceChoice): TestManifests {
  const { documents, problems } = parseManifest(text);
  const read = documents.map((document) => testManifest(document, choice));
  const tests = read.flatMap((one) => ("object" in one ? [one] : []));
  const found = [
    ...problems,
    ...read.flatMap((one) => ("sentence" in one ? [one] : [])),
    ...duplicates(documents, read),
  ];
  const none = {
    line: 1,
    column: 1,
    sentence: "there is no test in it. Write at least one ConnectivityTest.",
  };
  return { tests, problems: tests.length === 0 && found.length === 0 ? [none] : found };
}

function testManifest(document: ManifestDocument, choice: NamespaceChoice): TestManifest | FileProblem {
  const problem = (path: readonly string[], sentence: string) => ({ ...document.positionOf(path), sentence });
  const { apiVersion, kind } = headSchema.safeParse(document.value).data ?? {};
  if (kind === undefined) return problem([], NO_OBJECT);
  const isCluster = kind === CLUSTER_CONNECTIVITY_TEST.kind;
  if (apiVersion !== API_VERSION || !(isCluster || kind === CONNECTIVITY_TEST.kind))
    return problem(["kind"], `the kind "${kind}" of "${apiVersion}" is no test. ${USE_TESTS}`);
  const { data: object } = testObjectSchema.safeParse(document.value);
  if (!object) return problem(["metadata", "name"], "the test has no valid metadata.name. Write one.");
  const place = isCluster ? placeOfClusterTest(object) : placeOfTest(object, choice);
  if ("sentence" in place) return problem(["metadata", "namespace"], place.sentence);
  return { key: { ...place, name: object.metadata.name }, object: objectToApply(object, place) };
}

/** The status is the operator's, and the command that applies the test writes a token of its own. */
function objectToApply(test: TestObject, { namespace }: InNamespace): object {
  const { status: _, ...object } = test;
  const { namespace: __, annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== RUN_REQUESTED);
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(namespace !== "" && { namespace }),
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
    },
  };
}

interface InNamespace {
  readonly namespace: string;
}
type Placement = InNamespace | { readonly sentence: string };

const placeOfClusterTest = ({ metadata: { namespace } }: TestObject): Placement =>
  typeof namespace === "string"
    ? { sentence: "a ClusterConnectivityTest has no namespace. Remove metadata.namespace." }
    : { namespace: "" };

/** The namespace of the file or, where it has none, that of the command, by the rules of kubectl, but never `default` as a guess. */
function placeOfTest({ metadata }: TestObject, { given, ofContext }: NamespaceChoice): Placement {
  const own = metadata.namespace ?? undefined;
  if (own !== undefined && given !== undefined && own !== given)
    return { sentence: `its namespace is ${own}, and --namespace is ${given}. Use only one of them.` };
  const namespace = own ?? given ?? ofContext;
  return namespace === undefined
    ? { sentence: "the test has no namespace. Write metadata.namespace, or use --namespace." }
    : { namespace };
}

function duplicates(
  documents: readonly ManifestDocument[],
  read: readonly (TestManifest | FileProblem)[],
): FileProblem[] {
  const keys = read.map((one) => ("key" in one ? qualifiedName(one.key) : undefined));
  return documents.flatMap((document, index) => {
    const key = keys[index];
    if (key === undefined || keys.indexOf(key) === index) return [];
    const sentence = `the test ${key} is in the file twice. Remove one of them.`;
    return [{ ...document.positionOf(["metadata", "name"]), sentence }];
  });
}
