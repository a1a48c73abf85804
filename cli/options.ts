import { z } from "zod";
import { parseDuration } from "../crds/duration.ts";
import { CliError } from "./clusterError.ts";
import { DNS_NAME } from "./manifests/dnsName.ts";
import { REPORT_FORMATS } from "./report/formats.ts";
import type { TestSelection } from "./selection.ts";

export const optionsSchema = z.object({
  namespace: z.string().optional(),
  cluster: z.boolean().default(false),
  all: z.boolean().default(false),
  filename: z.array(z.string()).default([]),
  context: z.string().optional(),
  kubeconfig: z.string().optional(),
  timeout: z.string().default("0s"),
  format: z.enum(REPORT_FORMATS).default("json"),
  output: z.string().optional(),
});
/** The options of all commands. */
export type Options = z.infer<typeof optionsSchema>;

/** Throws CliError if the names and options exclude each other, or are no names. */
export function checkSelection(names: readonly string[], options: Options): void {
  const { namespace, all, cluster, filename } = options;
  if (all && (names.length > 0 || cluster || namespace !== undefined))
    throw new CliError("--all: it excludes names, --namespace and --cluster. Use only one of them.");
  if (cluster && namespace !== undefined)
    throw new CliError("--cluster: a ClusterConnectivityTest has no namespace. Omit --namespace.");
  if (filename.length > 0 && [names.length > 0, all, cluster].includes(true))
    throw new CliError("--filename: it excludes names, --all and --cluster. Use only one of them.");
  checkNames([...names, ...(namespace === undefined ? [] : [namespace])]);
}

function checkNames(names: readonly string[]): void {
  const wrong = names.find((name) => !DNS_NAME.test(name));
  if (wrong !== undefined)
    throw new CliError(`"${wrong}": it is no name of a Kubernetes object. Check the arguments.`);
}

/** The tests that the names and options mean; `namespace` is that of the options or of the context. */
export function selectionOf(
  names: readonly string[],
  { all, cluster, namespace = "default" }: Pick<Options, "all" | "cluster" | "namespace">,
): TestSelection {
  if (all) return "All";
  const place = cluster ? "" : namespace;
  if (names.length === 0) return { namespace: place };
  return { tests: [...new Set(names)].map((name) => ({ namespace: place, name })) };
}

/** Reads NAME/EXPECTATION. Throws CliError. */
export function expectationNames(text: string): { readonly test: string; readonly expectation: string } {
  const [test = "", expectation = "", ...more] = text.split("/");
  if (test !== "" && expectation !== "" && more.length === 0) return { test, expectation };
  throw new CliError(`"${text}": it is not NAME/EXPECTATION. Write one such as web/client-to-web.`);
}

/** The milliseconds of --timeout. Throws CliError. */
export function timeoutOf({ timeout }: Options): number {
  const milliseconds = parseDuration(timeout);
  if (milliseconds !== undefined) return milliseconds;
  throw new CliError(`--timeout ${timeout}: it is not a duration. Use one such as 90s or 5m.`);
}
