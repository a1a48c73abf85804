import { getServers, lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import pLimit from "p-limit";
import { z } from "zod";
import { checkSchema, MAX_CHECKS_PER_POD } from "../../crds/proberun/plannedpath.ts";
import { probingSchema, probingTimes } from "../../crds/probing.ts";
import { RUNNER_PORT } from "../nodeContact.ts";
import { printable } from "../printable.ts";
import { encodeReport, ENTERED_EXIT_CODE } from "../report.ts";
import { sourceTrace } from "../sourceTrace.ts";
import { MAX_PROCESSES } from "../timing.ts";
import { tryOnce } from "./attempt.ts";
import { watchNodeContact } from "./contactWatch.ts";
import { watchEntered } from "./enteredWatch.ts";
import { watchEventLoopLag } from "./eventLoopLag.ts";
import { exec } from "./exec.ts";
import { attemptLine, summaryLine } from "./podLog.ts";
import { searchOptionsOf } from "./resolvConf.ts";
import { resolveBy } from "./resolve.ts";
import { runRounds } from "./runner.ts";
import { sharedCurl } from "./sharedCurl.ts";
import { tcpProcess } from "./tcpProcess.ts";
import { openTerminationLog } from "./terminationLog.ts";

const runnerEnvironmentSchema = z.object({
  NETVERDICT_CHECKS: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.object({
        checks: z.array(checkSchema).max(MAX_CHECKS_PER_POD),
        probing: probingSchema,
        untilEnded: z.boolean().default(false),
      }),
    ),
  NETVERDICT_TERMINATION_LOG: z.string().default("/dev/termination-log"),
  NETVERDICT_PORT: z.coerce.number().default(RUNNER_PORT),
  NETVERDICT_NODE_ADDRESSES: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((address) => address !== "")),
});

process.once("uncaughtException", (error) => {
  process.stderr.write(`${sourceTrace(error)}\n`);
  process.exit(1);
});

const environment = runnerEnvironmentSchema.parse(process.env);
const { checks, probing, untilEnded } = environment.NETVERDICT_CHECKS;
const end = new AbortController();
/**
 * The first process of a container ignores SIGTERM unless it handles it. A witness writes its report then. Another SIGTERM must not
 * interrupt that: a kubelet that has restarted, or a deletion meanwhile, sends one.
 */
process.on("SIGTERM", () => (untilEnded ? end.abort() : process.exit(143)));
const { timeout: timeoutMs } = probingTimes(probing);
// An abandoned lookup should end soon (resolv.conf(5)), but never before the runner's own timeout.
process.env["RES_OPTIONS"] = `timeout:${Math.ceil(timeoutMs / 1_000) + 1} attempts:1`;

const say = (line: string) => void process.stdout.write(line);
// The container ends with this process, and with it what has entered: it must have no time to hide itself.
const entered = watchEntered({
  onEntered: (name) => {
    say(`another process was started in this container: ${printable(name, 64)}\n`);
    process.exit(ENTERED_EXIT_CODE);
  },
});
const epochNow = () => performance.timeOrigin + performance.now();
const contact = watchNodeContact({
  nodeAddresses: environment.NETVERDICT_NODE_ADDRESSES,
  now: epochNow,
  say,
});
// On the host network a witness listens on no port: its port is 0.
if (environment.NETVERDICT_PORT > 0) {
  createServer((socket) => {
    contact.onConnection(socket.remoteAddress);
    socket.destroy();
  })
    .on("error", (error) => say(`cannot listen: ${error.message}\n`))
    .listen(environment.NETVERDICT_PORT)
    .unref();
}

const eventLoopLag = watchEventLoopLag(epochNow);
const limit = pLimit(MAX_PROCESSES);
const resolve = resolveBy(
  async (host, family) => (await lookup(host, { family: family === "IPv6" ? 6 : 4 })).address,
  timeoutMs,
);
const curl = sharedCurl({ say });
const attemptDependencies = {
  exec,
  connect: tcpProcess().connect,
  request: curl.request,
  resolve,
  nameServers: getServers(),
  searchOptions: searchOptionsOf(readFileSync("/etc/resolv.conf", "utf8")),
  timeoutMs,
  now: epochNow,
  laggedSince: eventLoopLag.laggedSince,
};
const writeReport = openTerminationLog(environment.NETVERDICT_TERMINATION_LOG);

const { results } = await runRounds({
  checks,
  probing,
  until: untilEnded ? end.signal : undefined,
  attempt: (check) => limit(tryOnce, check, attemptDependencies),
  contact: contact.latest,
  now: epochNow,
  wait: (milliseconds) => wait(Math.max(0, milliseconds)),
  publish: (report) => writeReport(encodeReport(report)),
  trace: (check, round, tried) => say(attemptLine(check, round, tried)),
});
eventLoopLag.stop();
curl.close();
for (const [index, check] of checks.entries()) {
  const result = results[index];
  if (result) say(summaryLine(check, result));
}
entered.look();
// A lookup may still be in progress, but its result is not needed.
process.exit(0);
