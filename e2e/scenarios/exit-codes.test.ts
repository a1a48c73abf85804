import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { API_VERSION, CONNECTIVITY_TEST } from "../../crds/group.ts";
import { declare } from "../harness/runTest.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { readTest, TESTS } from "../kube/connectivityTests.ts";
import type { Outcome } from "../process/command.ts";
import { until } from "../process/until.ts";
import { clientReachesWeb, deployClientAndWeb } from "./clientAndWeb.ts";
import { accountToken, buildProgram, type CliProgram } from "./cliProgram.ts";
import { EXIT_CASES, type ExitCase } from "./exitCodes.ts";

/** Each row of the table of exit codes in docs/cli.md, by the built program and a real API server. */

type Key = keyof typeof EXIT_CASES;

let cli: CliProgram;
let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  cli = await buildProgram();
  ({ name: here, remove: removeNamespace } = await makeNamespace("exit-codes"));
  await deployClientAndWeb(here);
});
afterAll(async () => {
  await removeNamespace();
  await cli.remove();
});

const expectation = (fields: object = {}) => ({ ...clientReachesWeb, name: "client-to-web", ...fields });
const DENIED = { expect: "Denied" };

/** Declares the test of a row, whose one path is open. */
const declared = async (name: Key, fields: object = {}, spec: object = {}) =>
  declare({ namespace: here, name }, { expectations: [expectation(fields)], ...spec });

async function fileWith(name: Key, fields: object = {}): Promise<string> {
  const path = join(cli.folder, `${name}.json`);
  const metadata = { name, namespace: here };
  const spec = { expectations: [expectation(fields)] };
  const test = { apiVersion: API_VERSION, kind: CONNECTIVITY_TEST.kind, metadata, spec };
  await writeFile(path, JSON.stringify(test));
  return path;
}

interface Invoked {
  /** What NAME or FILE is. Default: the name of the row. */
  readonly object?: string;
  readonly kubeconfig?: string;
}

/** Runs the command of a row. */
async function runRow(key: Key, { object = key, ...options }: Invoked = {}): Promise<Outcome> {
  const { command } = EXIT_CASES[key];
  const args = command
    .replace(/NAME|FILE/, object)
    .replace("EXPECTATION", "client-to-web")
    .split(" ");
  const namespace = args[0] === "lint" ? [] : ["--namespace", here];
  return cli.netverdict([...args, ...namespace], options);
}

/** Runs the command of a row after a first verdict. */
async function afterVerdict(key: Key, fields: object = {}): Promise<Outcome> {
  await declared(key, fields);
  await cli.netverdict(["wait", key, "--namespace", here]);
  return runRow(key);
}

/** Runs the command of a row on a test that no run can end, and does something else when its request is there. */
async function whileWaiting(key: Key, action: () => Promise<unknown>): Promise<Outcome> {
  // The workload of the source is awaited for so long.
  await declared(
    key,
    { from: { podSelector: { matchLabels: { app: "absent" } } } },
    { progressDeadline: "1h" },
  );
  const running = runRow(key);
  await until(
    "the request is there",
    async () => {
      const { status } = await readTest(read, { namespace: here, name: key });
      return status.pendingRequests?.length === 1 ? true : undefined;
    },
    { seconds: 60, everyMs: 250 },
  );
  await action();
  return running;
}

const deleteTest = (name: Key) => kubectl(["delete", TESTS, name, `--namespace=${here}`]);
const withToken = async (key: Key, token: string) =>
  runRow(key, { kubeconfig: await cli.kubeconfigWith(token) });

async function unreachable(): Promise<Outcome> {
  const config = { clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }] };
  const contexts = [{ name: "c", context: { cluster: "c", user: "u", namespace: here } }];
  const kubeconfig = join(cli.folder, "unreachable.kubeconfig");
  await writeFile(
    kubeconfig,
    JSON.stringify({ ...config, contexts, users: [{ name: "u", user: {} }], "current-context": "c" }),
  );
  return runRow("unreachable", { kubeconfig });
}

const ROWS: Readonly<Record<Key, () => Promise<Outcome>>> = {
  async passes() {
    await declared("passes");
    return runRow("passes");
  },
  holds: async () => afterVerdict("holds"),
  async "two-gates"() {
    await declared("two-gates");
    const [one, other] = await Promise.all([runRow("two-gates"), runRow("two-gates")]);
    const { status } = await readTest(read, { namespace: here, name: "two-gates" });
    expect(status.handledRequests?.map(({ verdict }) => verdict)).toEqual(["Passed", "Passed"]);
    expect(new Set(status.handledRequests?.map(({ token }) => token)).size).toBe(2);
    expect(other.code).toBe(one.code);
    return one;
  },
  shown: async () => afterVerdict("shown", DENIED),
  reported: async () => afterVerdict("reported", DENIED),
  explained: async () => afterVerdict("explained", DENIED),
  sound: async () => runRow("sound", { object: await fileWith("sound") }),
  async fails() {
    await declared("fails", DENIED);
    return runRow("fails");
  },
  failed: async () => afterVerdict("failed", DENIED),
  async sourceless() {
    await declared("sourceless", { from: { podSelector: { matchLabels: { app: "absent" } } } });
    return runRow("sourceless");
  },
  async suspended() {
    await declared("suspended", {}, { suspend: true });
    return runRow("suspended");
  },
  unknown: async () => runRow("unknown"),
  async guarded() {
    await declared("guarded");
    return withToken("guarded", await accountToken(here, "gate"));
  },
  "bad-token": async () => withToken("bad-token", "no-token-at-all"),
  deleted: async () => whileWaiting("deleted", async () => deleteTest("deleted")),
  unreachable,
  usage: async () => runRow("usage"),
  misspelt: async () => runRow("misspelt", { object: await fileWith("misspelt", { exspect: "Denied" }) }),
  async slow() {
    await declared("slow");
    return runRow("slow");
  },
};

/** The output with the names of the table. */
const inTable = ({ stdout, stderr }: Outcome, key: Key) =>
  `${stdout}${stderr}`
    .replaceAll(`${here}/${key}`, "shop/web")
    .replaceAll(`"${key}"`, '"web"')
    .replaceAll(join(cli.folder, `${key}.json`), "FILE")
    .replaceAll(/https:\/\/\S+(?=: )/g, "SERVER");

const keys = Object.keys(ROWS).filter((key): key is Key => key in EXIT_CASES);

it.each(keys)("the program ends as the table says: %s", async (key) => {
  const { code, says }: ExitCase = EXIT_CASES[key];
  const outcome = await ROWS[key]();
  expect(inTable(outcome, key)).toContain(says);
  expect(outcome.code).toBe(code);
});
