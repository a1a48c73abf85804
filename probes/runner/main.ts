import { getServers, lookup } from "node:dns/promises";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import pLimit from "p-limit";
import { z } from "zod";
import { checkSchema, MAX_CHECKS_PER_POD } from "../../crds/proberun/plannedpath.ts";
import { probingSchema, probingTimes } from "../../crds/probing.ts";
import { RUNNER_PORT } from "../contact.ts";
import { MAX_PROCESSES } from "../pace.ts";
import { encodeReport } from "../report.ts";
import { tryOnce } from "./attempt.ts";
import { watchContact } from "./contactWatch.ts";
import { exec } from "./exec.ts";
import { watchLateness } from "./lateness.ts";
import { resolveBy } from "./resolve.ts";
import { runRounds } from "./runner.ts";
import { openTerminationLog } from "./terminationLog.ts";
import { attemptLine, summaryLine } from "./trace.ts";

const environmentSchema = z.object({
  NETVERDICT_CHECKS: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(
      z.object({
        checks: z.array(checkSchema).max(MAX_CHECKS_PER_POD),
        probing: probingSchema,
        everyRound: z.boolean().default(false),
      }),
    ),
  NETVERDICT_TERMINATION_LOG: z.string().default("/dev/termination-log"),
  NETVERDICT_PORT: z.coerce.number().default(RUNNER_PORT),
  NETVERDICT_NODE_ADDRESSES: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((address) => address !== "")),
});

/** The first process of a container ignores SIGTERM unless it handles it. */
process.once("SIGTERM", () => process.exit(143));

const environment = environmentSchema.parse(process.env);
const { checks, probing, everyRound } = environment.NETVERDICT_CHECKS;
const { timeout: timeoutMs } = probingTimes(probing);
// An abandoned lookup should end soon (resolv.conf(5)), but never before the runner's own timeout.
process.env["RES_OPTIONS"] = `timeout:${Math.ceil(timeoutMs / 1_000) + 1} attempts:1`;

const say = (line: string) => void process.stdout.write(line);
const now = () => performance.timeOrigin + performance.now();
const contact = watchContact({ nodeAddresses: environment.NETVERDICT_NODE_ADDRESSES, now, say });
// On the host network a witness listens on no port: its port is 0.
if (environment.NETVERDICT_PORT > 0) {
  createServer((socket) => {
    contact.meet(socket.remoteAddress);
    socket.destroy();
  })
    .on("error", (error) => say(`cannot listen: ${error.message}\n`))
    .listen(environment.NETVERDICT_PORT)
    .unref();
}

const lateness = watchLateness(now);
const limit = pLimit(MAX_PROCESSES);
const resolve = resolveBy(
  async (host, family) => (await lookup(host, { family: family === "IPv6" ? 6 : 4 })).address,
  timeoutMs,
);
const means = {
  exec,
  resolve,
  nameServers: getServers(),
  timeoutMs,
  now,
  wasLateSince: lateness.wasLateSince,
};
const write = openTerminationLog(environment.NETVERDICT_TERMINATION_LOG);

const { results } = await runRounds({
  checks,
  probing,
  everyRound,
  attempt: (check) => limit(tryOnce, check, means),
  contact: contact.latest,
  now,
  wait: (milliseconds) => wait(Math.max(0, milliseconds)),
  publish: (report) => write(encodeReport(report)),
  trace: (check, round, tried) => say(attemptLine(check, round, tried)),
});
lateness.stop();
for (const [index, check] of checks.entries()) {
  const result = results[index];
  if (result) say(summaryLine(check, result));
}
// A lookup may still be in progress, but its result is not needed.
process.exit(0);
