import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document } from "yaml";

/** A place in a file. Both numbers start at one. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** What is wrong in a file, and where. */
export interface FileProblem extends FilePosition {
  /** `<observation>. <action>.` */
  readonly sentence: string;
}

/** A document of a YAML file that is not empty. */
export interface ManifestDocument {
  readonly value: unknown;
  /** The position of a field or an item; of the nearest one around it if it is not there. */
  readonly positionOf: (path: readonly PropertyKey[]) => FilePosition;
}

export interface Manifest {
  readonly documents: readonly ManifestDocument[];
  /** Errors of the YAML. A document that has one is not in `documents`. */
  readonly problems: readonly FileProblem[];
}

/** The sentence about a document that is not one. */
export const NO_OBJECT = "it is no object of Kubernetes. Write apiVersion, kind, metadata and spec.";

const TIMESTAMP = "tag:yaml.org,2002:timestamp";
const SEXAGESIMAL = "TIME";

/**
 * Parses YAML or JSON as kubectl does: by YAML 1.1, in which `on` is a boolean, but without its dates and numbers to the base of 60.
 * Never throws.
 */
export function parseManifest(text: string): Manifest {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: "1.1",
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === "string" || !(tag.tag === TIMESTAMP || tag.format === SEXAGESIMAL)),
    lineCounter: lines,
    prettyErrors: false,
  });
  const read = parsed
    .filter((document) => document.errors.length > 0 || hasContent(document))
    .map((document) => readDocument(document, lines));
  return {
    documents: read.flatMap(({ document }) => (document ? [document] : [])),
    problems: read.flatMap(({ problems }) => problems),
  };
}

function hasContent({ contents }: Document): boolean {
  return contents !== null && !(isScalar(contents) && contents.value === null);
}

interface ReadDocument {
  readonly document?: ManifestDocument;
  readonly problems: readonly FileProblem[];
}

function readDocument(document: Document, lines: LineCounter): ReadDocument {
  const positionAt = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problem = (message: string, offset: number) => ({
    ...positionAt(offset),
    sentence: `it is not valid YAML (${message.replaceAll(/\s+/g, " ")}). Correct the file.`,
  });
  if (document.errors.length > 0)
    return { problems: document.errors.map(({ message, pos: [offset] }) => problem(message, offset)) };
  try {
    const value: unknown = document.toJS();
    const positionOf = (path: readonly PropertyKey[]) => positionAt(offsetOf(document, path));
    return { document: { value, positionOf }, problems: [] };
  } catch (error) {
    // An alias without its anchor, or aliases that multiply.
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [problem(message, startOf(document.contents, 0))] };
  }
}

const startOf = (node: unknown, otherwise: number) =>
  (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined) ?? otherwise;

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node, 0);
  for (const part of path) {
    const next = childOf(isAlias(node) ? node.resolve(document) : node, String(part));
    if (!next) return offset;
    offset = startOf(next.at, offset);
    node = next.node;
  }
  return offset;
}

interface Child {
  readonly node: unknown;
  /** What its position is: the key of a field, or the item itself. */
  readonly at: unknown;
}

function childOf(node: unknown, part: string): Child | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
    return pair && { node: pair.value, at: pair.key };
  }
  const item = isSeq(node) ? node.items[Number(part)] : undefined;
  return item === undefined ? undefined : { node: item, at: item };
}
