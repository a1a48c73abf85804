import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import type { KubeConfig } from "@kubernetes/client-node";
import { onTestFinished } from "vitest";
import {
  clusterConnectivityTestSchema,
  connectivityTestSchema,
  type ConnectivityTest,
} from "../../crds/connectivitytest.ts";
import { clusterExpectationSchema } from "../../crds/expectation.ts";
import { RUN_REQUESTED } from "../../crds/group.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { nextStatus, type StatusInput } from "../../operator/status/status.ts";
import { createMemoryApi, type MemoryApi } from "../../operator/testing/memoryApi.ts";
import { connectivityTest, later } from "../../operator/testing/objects.ts";
import { serveMemoryApi } from "../../operator/testing/serveMemoryApi.ts";
import { endedRun, verdictOn } from "../../operator/testing/statuses.ts";
import type { ExpectationVerdict } from "../../operator/verdict/judge.ts";
import { runProgram } from "../program.ts";
import { testPath, type TestKey } from "../selection.ts";

export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  /** Called instead of each sleep, with its number from 1: what the cluster does in the meantime. */
  readonly meanwhile?: (sleep: number) => void;
  readonly isTTY?: boolean;
  /** The standard input. */
  readonly stdin?: string;
  /** The variables that say which colours the terminal has. Those of the machine do not count: CI=true would allow none. */
  readonly terminal?: Readonly<Record<string, string>>;
}

/** Runs the program in this process against a cluster; time passes only while it sleeps. */
export async function runCli(
  kubeConfig: KubeConfig,
  args: readonly string[],
  { meanwhile = () => {}, isTTY = false, stdin = "", terminal = { TERM: "xterm-256color" } }: CliRun = {},
): Promise<CliOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-cli-"));
  const file = join(folder, "config");
  await writeFile(file, kubeConfig.exportConfig());
  const [stdout, stderr] = [captured(isTTY, terminal), captured(isTTY, terminal)];
  let [time, sleeps] = [0, 0];
  const clock = {
    now: () => time,
    random: () => 0,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
      meanwhile((sleeps += 1));
    },
  };
  try {
    const code = await runProgram({
      argv: ["node", "/usr/bin/netverdict", ...args],
      environment: { KUBECONFIG: file },
      readStandardInput: async () => stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      clock,
      now: () => later(60_000 + time),
    });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A stream that keeps its text. On a terminal it has the colours that its variables allow. */
function captured(isTTY: boolean, terminal: Readonly<Record<string, string>>) {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const getColorDepth = () => WriteStream.prototype.getColorDepth(terminal);
  return { stream: Object.assign(stream, { isTTY, columns: 80, getColorDepth }), text: () => text };
}

export interface CliScene {
  readonly memory: MemoryApi;
  readonly kubeConfig: KubeConfig;
  /** Creates a test of the namespace `shop`, or of the whole cluster, that passed at the beginning. */
  readonly create: (name: string, namespace?: string) => TestKey;
  readonly read: (key: TestKey) => ConnectivityTest;
  /** The operator reads the annotation. */
  readonly readRequest: (key: TestKey) => void;
  /** The operator ends a run for all tokens that wait, with a verdict on the expectation `a`. */
  readonly endRun: (key: TestKey, verdict: Verdict) => void;
  /** The same with these verdicts on the expectations. */
  readonly endRunWith: (key: TestKey, verdicts: readonly ExpectationVerdict[]) => void;
  /** Another gate writes its token. */
  readonly overwrite: (key: TestKey, token: string) => void;
}

const CLUSTER_SPEC = {
  expectations: [
    clusterExpectationSchema.parse({
      name: "check",
      expect: "Allowed",
      from: { namespaceSelector: {} },
      to: { service: { name: "web", namespace: "shop" } },
      tcp: { port: 80 },
    }),
  ],
};

/** A cluster in memory behind HTTP, with the statuses that the operator writes. It ends with the test. */
export async function cliScene(): Promise<CliScene> {
  const memory = createMemoryApi();
  const served = await serveMemoryApi(memory);
  onTestFinished(async () => served.close());
  let [runs, uids] = [0, 0];

  const read = (key: TestKey) => {
    const schema = key.namespace === "" ? clusterConnectivityTestSchema : connectivityTestSchema;
    return schema.parse(memory.at(testPath(key))[0]);
  };
  const write = (key: TestKey, test: ConnectivityTest) => void memory.put(testPath(key), test);
  const publish = (input: Omit<StatusInput, "now">) => {
    const status = nextStatus({ ...input, now: later(0) });
    write(input.test.metadata, { ...input.test, status });
  };
  const publishRun = (
    test: ConnectivityTest,
    { verdicts, requests }: { verdicts: readonly ExpectationVerdict[]; requests: readonly string[] },
  ) => {
    const { generation } = test.metadata;
    const ended = endedRun([], { id: `run-${(runs += 1)}`, generation, requests, at: runs * 60_000 });
    publish({ test, ended: { ...ended, verdicts } });
  };
  const endRunWith: CliScene["endRunWith"] = (key, verdicts) => {
    const test = read(key);
    const { pendingRequests = [] } = test.status;
    const token = test.metadata.annotations[RUN_REQUESTED] ?? "";
    publishRun(test, { verdicts, requests: [...new Set([...pendingRequests, token])] });
  };

  return {
    memory,
    kubeConfig: served.kubeConfig,
    read,
    create(name, namespace = "shop") {
      const key = { name, namespace };
      const metadata = { name, namespace, uid: `uid-${(uids += 1)}` };
      const test = connectivityTest({ metadata, ...(namespace === "" && { spec: CLUSTER_SPEC }) });
      publishRun(test, { verdicts: [verdictOn("a", { verdict: "Passed" })], requests: [] });
      return key;
    },
    readRequest: (key) => publish({ test: read(key) }),
    endRun: (key, verdict) => endRunWith(key, [verdictOn("a", { verdict })]),
    endRunWith,
    overwrite(key, token) {
      const test = read(key);
      write(key, { ...test, metadata: { ...test.metadata, annotations: { [RUN_REQUESTED]: token } } });
    },
  };
}
