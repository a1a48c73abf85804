import { isIP } from "node:net";
import type { Check } from "../../crds/proberun/proberun.ts";
import { ANY_NAME } from "../nameServer.ts";
import { printable } from "../printable.ts";
import { describeSample, letterOf, type Letter } from "../samples.ts";
import { attemptLimit } from "../timing.ts";
import { tools } from "../tools/registry.ts";
import { tcpAttempt } from "../tools/tcp.ts";
import { unanswered, type Attempt } from "../tools/tool.ts";
import { MAX_LAG } from "./eventLoopLag.ts";
import type { exec } from "./exec.ts";
import type { SearchOptions } from "./resolvConf.ts";
import type { Resolve, Resolved } from "./resolve.ts";
import { ANSWERED, lookUpBySearchList, OUT_OF_TIME } from "./searchList.ts";
import type { SharedCurl } from "./sharedCurl.ts";
import type { TcpProcess } from "./tcpProcess.ts";

/** The result of one attempt of one check. */
export interface AttemptResult extends Omit<Attempt, "outcome" | "matchesRequest"> {
  readonly letter: Letter;
  /** The address that the host resolved to; for dns the name server, if the pod has only one. */
  readonly address?: string;
}

export interface AttemptDependencies {
  readonly exec: typeof exec;
  readonly connect: TcpProcess["connect"];
  readonly request: SharedCurl["request"];
  readonly resolve: Resolve;
  /** The pod's name servers, in the order in which they are queried. */
  readonly nameServers: readonly string[];
  /** How the pod completes relative names. */
  readonly searchOptions: SearchOptions;
  readonly timeoutMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly laggedSince: (instant: number) => boolean;
}

/**
 * Tries a check once. Never throws: an error makes the attempt a `ProbeError`. So does silence while the runner
 * itself had too little CPU, because the runner may have caused it. An answer or a refusal comes from the network.
 */
export async function tryOnce(check: Check, dependencies: AttemptDependencies): Promise<AttemptResult> {
  const startedAt = dependencies.now();
  const tried = await tryTarget(check, dependencies).catch((error: unknown): AttemptResult =>
    attemptError(error),
  );
  const { outcome } = describeSample(tried.letter);
  return isSilence({ ...tried, outcome }) && dependencies.laggedSince(startedAt)
    ? { letter: "E", hint: STARVED }
    : tried;
}

const STARVED = "the runner was starved of CPU";

/** Silence, the only outcome that the runner itself may have caused. */
const isSilence = ({ outcome, wentSilent = false }: Pick<Attempt, "outcome" | "wentSilent">) =>
  outcome === "NoReply" || wentSilent;

function attemptError(error: unknown): AttemptResult {
  return { letter: "E", hint: printable(error instanceof Error ? error.message : String(error), 64) };
}

async function tryTarget(check: Check, dependencies: AttemptDependencies): Promise<AttemptResult> {
  const { tool, address, host, family } = check;
  if (tool === "dns")
    return { ...withLetter(await lookUp(check, dependencies)), ...onlyServer(check, dependencies) };
  if (address !== undefined) return withLetter(await runTool(check, address, dependencies));
  const resolved = await dependencies.resolve(host ?? "", family);
  if (!("address" in resolved)) return failedResolution(check, resolved, dependencies);
  return { ...withLetter(await runTool(check, resolved.address, dependencies)), address: resolved.address };
}

/**
 * Silence about one name does not prove a closed path, because the server itself may wait for another server. So the
 * probe then queries it for a fixed name.
 */
async function lookUp(check: Check, dependencies: AttemptDependencies): Promise<Attempt> {
  const attempt = await lookUpAsApplications(check, dependencies);
  if (attempt.outcome !== "NoReply" || check.host === ANY_NAME) return attempt;
  const control = await runTool({ ...check, recordType: "A" }, ANY_NAME, dependencies);
  if (control.outcome === "ProbeError") return control;
  if (!ANSWERED.has(control.outcome)) return attempt;
  const { latencyMs = 0 } = control;
  return { ...unanswered("ResolverFailed", "no answer about this name, but about others"), latencyMs };
}

/**
 * Looks up the check's name, at all its domains together within the timeout. With several name servers each may use up
 * that time (resolv.conf(5)).
 */
function lookUpAsApplications(check: Check, dependencies: AttemptDependencies): Promise<Attempt> {
  const { now, timeoutMs, nameServers, searchOptions } = dependencies;
  const servers = check.address === undefined ? Math.max(1, nameServers.length) : 1;
  const deadline = now() + servers * timeoutMs;
  return lookUpBySearchList(check.host ?? "", searchOptions, async (absolute) => {
    // A whole number: a child process accepts no other timeout.
    const left = Math.ceil(Math.min(timeoutMs, deadline - now()));
    return left > 0 ? askServers(check, absolute, { ...dependencies, timeoutMs: left }) : OUT_OF_TIME;
  });
}

/** nslookup ends at a server that answers REFUSED; getaddrinfo then asks the next one. */
async function askServers(
  check: Check,
  absolute: string,
  dependencies: AttemptDependencies,
): Promise<Attempt> {
  const attempt = await runTool(check, absolute, dependencies);
  if (check.address !== undefined || attempt.hint !== "REFUSED") return attempt;
  for (const address of dependencies.nameServers.slice(1).filter((server) => isIP(server) !== 0)) {
    const other = await runTool({ ...check, address }, absolute, dependencies);
    if (ANSWERED.has(other.outcome) && other.hint !== "REFUSED") return other;
  }
  return attempt;
}

/**
 * The pod's own name server, if the check has none. With several of them it is unknown which one failed to answer.
 */
function onlyServer(
  { address }: Check,
  { nameServers: [server, ...others] }: AttemptDependencies,
): Pick<AttemptResult, "address"> {
  if (address !== undefined) return {};
  return server !== undefined && others.length === 0 && isIP(server) !== 0 ? { address: server } : {};
}

async function runTool(check: Check, target: string, dependencies: AttemptDependencies): Promise<Attempt> {
  if (target === "") return unanswered("ProbeError", "the check has neither an address nor a host");
  const { attempt, elapsedMs, wasLate = false } = await timedAttempt(check, target, dependencies);
  const overdue = wasLate || (check.tool !== "dns" && elapsedMs > dependencies.timeoutMs + MAX_LAG);
  // The tool itself started or ended late, although this process did not: the tool may have caused the silence.
  return isSilence(attempt) && overdue ? unanswered("ProbeError", STARVED) : attempt;
}

interface TimedAttempt {
  readonly attempt: Attempt;
  /** Milliseconds from the start of the tool, or from the request to its process, to the result. */
  readonly elapsedMs: number;
  /** A process that several attempts share was late in between. */
  readonly wasLate?: boolean;
}

async function timedAttempt(
  check: Check,
  target: string,
  { exec: run, connect, request, timeoutMs }: AttemptDependencies,
): Promise<TimedAttempt> {
  const { tool } = check;
  if (tool === "tcp") {
    const { reply, elapsedMs } = await connect(check, target, timeoutMs);
    return { attempt: tcpAttempt(reply), elapsedMs };
  }
  const shared = tool === "http" ? await request({ check, target, timeoutMs }) : undefined;
  if (shared) return shared;
  const { commandLine, classify } = tools[tool];
  const exit = await run(commandLine(check, target, timeoutMs), { limitMs: attemptLimit(timeoutMs) });
  return { attempt: classify(exit, check), elapsedMs: exit.elapsedMs };
}

function withLetter({ outcome, matchesRequest, ...rest }: Attempt): AttemptResult {
  return { letter: letterOf({ outcome, matchesRequest, resolving: false }), ...rest };
}

/** libc's "temporary failure" may be a server that failed or none that answered; nslookup distinguishes them. */
async function failedResolution(
  check: Check,
  { outcome, hint }: Exclude<Resolved, { address: string }>,
  dependencies: AttemptDependencies,
): Promise<AttemptResult> {
  if (outcome !== "ResolverFailed")
    return { letter: letterOf({ outcome, matchesRequest: false, resolving: true }), hint };
  const told = await lookUpAsApplications({ ...check, tool: "dns" }, dependencies);
  return { letter: failedLookup(told), hint: told.hint ?? hint };
}

function failedLookup({ outcome }: Attempt): Letter {
  switch (outcome) {
    case "NoReply":
    case "Refused":
    case "Unreachable":
      return "n";
    case "NameNotFound":
      return "x";
    case "ProbeError":
      return "E";
    default:
      return "f";
  }
}
