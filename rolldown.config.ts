// npm run build: the three programs of the image, each one file that needs no package, with its source map and the licenses of all
// packages in it (docs/decisions/0031-bundles.md).
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type Plugin, RolldownMagicString, type RolldownOptions } from "rolldown";
import { parseSync, Visitor } from "rolldown/utils";
import { z } from "zod";

const ROOT = import.meta.dirname;
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const NOTICE = /^(licen[cs]e|notice|copying)/i;
const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** The licenses that a package has, behind a line with its name. A package without a file of its own has that of package.json. */
function noticeOf(folder: string): string {
  const { name, version, license } = manifestSchema.parse(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
  );
  const texts = readdirSync(folder)
    .filter((file) => NOTICE.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}

/** Writes the licenses of all bundled packages beside the bundle. */
const licenses: Plugin = {
  name: "licenses",
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
    for (const { name, moduleIds } of chunks) {
      const folders = new Set(moduleIds.flatMap((id) => PACKAGE.exec(id)?.[0] ?? []));
      const source = [...folders]
        .toSorted()
        .map(noticeOf)
        .join(`\n\n${"-".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName: `THIRD-PARTY-LICENSES.${name}.txt`, source: `${source}\n` });
    }
  },
};

/**
 * Marks the calls that initialize a constant as free of side effects, so that rolldown drops unused constants. Most of them are
 * schemas, and creating all of them cost the runner more CPU than everything else in its start.
 */
const unusedConstants: Plugin = {
  name: "unused-constants",
  transform: {
    filter: { id: /\/(?:crds|probes)\/.*\.ts$/ },
    handler(code, id) {
      const starts = new Set<number>();
      let depth = 0;
      const [enter, leave] = [() => void depth++, () => void depth--];
      new Visitor({
        ArrowFunctionExpression: enter,
        "ArrowFunctionExpression:exit": leave,
        FunctionExpression: enter,
        "FunctionExpression:exit": leave,
        FunctionDeclaration: enter,
        "FunctionDeclaration:exit": leave,
        ExpressionStatement: enter,
        "ExpressionStatement:exit": leave,
        CallExpression: ({ start }) => void (depth === 0 && starts.add(start)),
      }).visit(parseSync(id, code).program);
      const marked = new RolldownMagicString(code);
      for (const start of starts) marked.appendLeft(start, "/* @__PURE__ */ ");
      return { code: marked };
    },
  },
};

/** The runner starts it from the folder of its own file. */
const tcpProgram: Plugin = {
  name: "tcp-program",
  generateBundle() {
    const source = readFileSync(join(ROOT, "probes/tools/tcp.pl"));
    this.emitFile({ type: "asset", fileName: "tcp.pl", source });
  },
};

/**
 * Not minified: a stack trace keeps its functions (docs/bench.md has what it would gain). client-node imports its generated
 * clients of the whole API, of which the operator uses none. Its only side effect is a `File` for Node 18.
 */
const shared = {
  platform: "node",
  tsconfig: false,
  experimental: { nativeMagicString: true },
  treeshake: {
    moduleSideEffects: [
      { test: /node_modules\/@kubernetes\/client-node\//, sideEffects: false },
      { test: /./, sideEffects: true },
    ],
  },
  output: {
    dir: "dist",
    entryFileNames: "[name].mjs",
    codeSplitting: false,
    comments: false,
    sourcemap: true,
    // Files and lines are sufficient for a stack trace; the sources would be most of the image's own files.
    sourcemapExcludeSources: true,
    // As in the repository, independent of the folder of the bundle.
    sourcemapPathTransform: (source, map) => relative(ROOT, resolve(dirname(map), source)),
  },
} satisfies RolldownOptions;

export default [
  { ...shared, input: { operator: "operator/main.ts" }, plugins: [licenses] },
  { ...shared, input: { netverdict: "cli/main.ts" }, plugins: [licenses] },
  {
    ...shared,
    input: { runner: "probes/runner/main.ts" },
    plugins: [unusedConstants, licenses, tcpProgram],
    // Its two packages have no getters with effects.
    treeshake: { propertyReadSideEffects: false },
  },
] satisfies RolldownOptions[];
