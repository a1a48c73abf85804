import { closestMatch } from "leven";
import { z } from "zod";
import { clusterConnectivityTestSchema, connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { structuralSchema, type SchemaNode } from "../../crds/generator/schema.ts";
import { formatPath, unknownFields, type UnknownField } from "../../crds/generator/unknownFields.ts";
import {
  API_VERSION,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  GROUP,
  PROBE_GRANT,
  type KindNames,
} from "../../crds/group.ts";
import { probeGrantSchema } from "../../crds/probegrant.ts";
import { DNS_NAME } from "./dnsName.ts";
import { NO_OBJECT, parseManifest, type FileProblem, type ManifestDocument } from "./manifest.ts";

export interface LintResult {
  /** By their position. */
  readonly problems: readonly FileProblem[];
  /** How many objects were checked. */
  readonly checked: number;
  /** How many objects are of kinds of other programs. */
  readonly skipped: number;
}

interface LintedKind {
  readonly names: KindNames;
  readonly spec: z.ZodType;
}

const LINTED_KINDS: readonly LintedKind[] = [
  { names: CONNECTIVITY_TEST, spec: connectivityTestSchema.shape.spec },
  { names: CLUSTER_CONNECTIVITY_TEST, spec: clusterConnectivityTestSchema.shape.spec },
  { names: PROBE_GRANT, spec: probeGrantSchema.shape.spec },
];
const KIND_NAMES = LINTED_KINDS.map(({ names }) => names.kind);

/** What is wrong at a path of a document. */
interface PathProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

/**
 * Checks the objects of netverdict in a YAML text, without a cluster: their YAML, their fields, and the rules of their schemas, which are
 * those that the API server enforces by CEL. Never throws.
 */
export function lintManifest(text: string): LintResult {
  const { documents, problems } = parseManifest(text);
  const ours = documents.filter(isOurs);
  const found = ours.flatMap(documentProblems);
  const none = {
    line: 1,
    column: 1,
    sentence: `there is no object of ${API_VERSION} in it. Write at least one.`,
  };
  const all = ours.length === 0 && problems.length === 0 ? [none] : [...problems, ...found];
  return {
    problems: all.toSorted((one, other) => one.line - other.line || one.column - other.column),
    checked: ours.length,
    skipped: documents.length - ours.length,
  };
}

const headSchemaOfAny = z.looseObject({
  apiVersion: z.string().default(""),
  kind: z.string().default(""),
  metadata: z.unknown().optional(),
  spec: z.unknown().optional(),
});
type AnyObject = z.infer<typeof headSchemaOfAny>;

/** A document with the name of one of our kinds is one of ours, so that a misspelt version is found; and so is what is no object at all. */
function isOurs({ value }: ManifestDocument): boolean {
  const { data } = headSchemaOfAny.safeParse(value);
  return (
    !data || data.apiVersion.startsWith(`${GROUP}/`) || KIND_NAMES.includes(data.kind) || data.kind === ""
  );
}

function documentProblems(document: ManifestDocument): FileProblem[] {
  return problemsIn(document.value).map(({ path, sentence }) => ({ ...document.positionOf(path), sentence }));
}

function problemsIn(value: unknown): PathProblem[] {
  const { data: object } = headSchemaOfAny.safeParse(value);
  if (!object) return [{ path: [], sentence: NO_OBJECT }];
  const kind = LINTED_KINDS.find(({ names }) => names.kind === object.kind);
  if (!kind)
    return [
      { path: ["kind"], sentence: `kind: "${object.kind}" is none. ${nearest(object.kind, KIND_NAMES)}` },
    ];
  const wrongVersion = {
    path: ["apiVersion"],
    sentence: `apiVersion: "${object.apiVersion}" is none of netverdict. Write ${API_VERSION}.`,
  };
  return [
    ...(object.apiVersion === API_VERSION ? [] : [wrongVersion]),
    ...metadataProblems(object, kind.names),
    ...specProblems(object, kind.spec),
  ];
}

const metadataOfAny = z.looseObject({
  name: z.unknown().optional(),
  generateName: z.unknown().optional(),
  namespace: z.unknown().optional(),
});

function metadataProblems({ metadata }: AnyObject, { kind, scope }: KindNames): PathProblem[] {
  const { name, generateName, namespace } = metadataOfAny.safeParse(metadata).data ?? {};
  const isName = typeof name === "string" && name.length <= 253 && DNS_NAME.test(name);
  const isGenerated = name === undefined && typeof generateName === "string";
  const namePath = ["metadata", "name"];
  const nameSentence =
    "metadata.name: it must be a name of a-z, 0-9, - and ., a letter or digit at both ends. Write one.";
  const clusterWide = `metadata.namespace: a ${kind} has none. Remove it.`;
  return [
    ...(isName || isGenerated ? [] : [{ path: namePath, sentence: nameSentence }]),
    ...(scope === "Cluster" && typeof namespace === "string"
      ? [{ path: ["metadata", "namespace"], sentence: clusterWide }]
      : []),
  ];
}

function specProblems(object: AnyObject, schema: z.ZodType): PathProblem[] {
  const { error } = z.object({ spec: schema }).safeParse(object);
  const node: SchemaNode = {
    properties: { apiVersion: {}, kind: {}, metadata: {}, status: {}, spec: structuralSchema(schema) },
  };
  const { metadata: _, status: __, ...checked } = object;
  return [
    ...unknownFields(checked, node).map(unknownField),
    ...(error?.issues ?? []).map((issue) => violation(issue, object)),
  ];
}

const unknownField = ({ path, known }: UnknownField): PathProblem => ({
  path,
  sentence: `${formatPath(path)}: there is no such field. ${nearest(String(path.at(-1)), known)}`,
});

/** The action for a word that does not exist. */
function nearest(word: string, known: readonly string[]): string {
  const match = closestMatch(word, [...known], { maxDistance: 3 });
  if (match !== undefined) return `Did you mean ${match}?`;
  return known.length === 0 ? "Remove it." : `Use one of: ${known.join(", ")}.`;
}

function violation({ path, code, message }: z.core.$ZodIssue, object: AnyObject): PathProblem {
  const field = formatPath(path);
  if (valueAt(object, path) === undefined) return { path, sentence: `${field}: it is missing. Write it.` };
  if (code === "invalid_union") return { path, sentence: `${field}: it is of another type. Correct it.` };
  const said = message.replace(/^Invalid (?:input|option|string): /, "").replace(/^Too (?:big|small): /, "");
  return { path, sentence: `${field}: ${said}. Correct it.` };
}

const valueAt = (object: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? Object.entries(value).find(([name]) => name === String(part))?.[1]
        : undefined,
    object,
  );
