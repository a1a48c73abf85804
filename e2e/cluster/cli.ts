import { spawn } from "node:child_process";

import { clusterDown, clusterStatus, clusterUp, openCluster } from "./cluster.ts";
import { Failure, messageOf } from "../process/failure.ts";
import { inside } from "./nodes/exec.ts";
import { timedReport } from "../process/report.ts";
import { requireRoot } from "./setup.ts";
import { nameFromPath } from "./nodes/spec.ts";
import { statusLines } from "./statusLines.ts";
import { upOptions } from "./upOptions.ts";

const USAGE = `npm run cluster -- COMMAND
  up [--nodes N] [--cni NAME]
                              start this checkout's cluster, or find it running: 1 to 9 nodes, with calico, cilium
                              or kube-network-policies
  down                        end it; nothing of it stays
  status                      name, engine, components, nodes, kubeconfig
  kubeconfig                  print the path of the kubeconfig
  load IMAGE                  import an oci-archive, or an image built here, into every node
  exec node1|wan|lan -- CMD   run a command in the namespaces of a node, or in a network
  kubectl -- ARGS             run the cluster's own kubectl`;

/** Each command gives its exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  async up(args) {
    const wanted = upOptions(args);
    const report = timedReport();
    const interrupted = new AbortController();
    const interrupt = (): void =>
      interrupted.abort(
        new Failure(
          "interrupted. Nothing is left running, and what was built is kept: up goes on from there",
        ),
      );
    // Ctrl-C arrives more than once: from the terminal, and from the processes above that pass it on.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
    const cluster = await clusterUp({ report, interrupted: interrupted.signal, ...wanted });
    report(`cluster ${cluster.name} ${cluster.foundRunning ? "runs already" : "is up"}`);
    print(`export KUBECONFIG=${cluster.kubeconfig}`);
    return 0;
  },
  async down() {
    const report = timedReport();
    await clusterDown();
    report(`cluster ${nameFromPath()} is down, nothing of it is left`);
    return 0;
  },
  async status() {
    const status = await clusterStatus();
    print(statusLines(nameFromPath(), status).join("\n"));
    return status?.healthy ? 0 : 1;
  },
  async kubeconfig() {
    print((await openCluster()).kubeconfig);
    return 0;
  },
  async load(args) {
    const [image] = args;
    if (image === undefined)
      throw new Failure("load needs an image: the path of an oci-archive, or localhost/NAME:TAG");
    await (await openCluster()).load(image);
    return 0;
  },
  async exec(args) {
    const [place = "", ...argv] = args.filter((word, i) => word !== "--" || i > 1);
    if (argv.length === 0)
      throw new Failure("exec needs a place and a command: exec node1 -- nft list ruleset");
    return passThrough(await inside(nameFromPath(), place, argv));
  },
  async kubectl(args) {
    const cluster = await openCluster();
    const rest = args[0] === "--" ? args.slice(1) : args;
    return passThrough([cluster.kubectl, `--kubeconfig=${cluster.kubeconfig}`, ...rest]);
  },
};

async function passThrough([command = "", ...args]: readonly string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(command, args, { stdio: "inherit" });
  child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  return promise;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  const [command = "", ...args] = process.argv.slice(2);
  const run = commands[command];
  if (run === undefined)
    throw new Failure(`no command ${command === "" ? "given" : `"${command}"`}\n${USAGE}`);
  // `up` says that together with everything else that is missing.
  if (command !== "up") requireRoot();
  process.exitCode = await run(args);
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
