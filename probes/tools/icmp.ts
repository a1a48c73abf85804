import { outcomeOfErrno } from "./errno.ts";
import { broken, inSeconds, unanswered, type Attempt, type Exit, type Tool } from "./tool.ts";

/** `64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=0.045 ms`; iputils prints it only for the requested address. */
const REPLY = /^\d+ bytes from \S+ icmp_seq=\d+ .*time=([\d.]+) ms/m;
/** An ICMP error: `From 192.0.2.1 icmp_seq=1 Destination Host Unreachable`. A redirect is not an error. */
const ICMP_ERROR = /^From \S+ icmp_seq=\d+ (?!Redirect)(.+)$/m;
const NOTHING_RECEIVED = /^1 packets transmitted, 0 received/m;
const PING_CONNECT_FAILED = /^ping: connect: (.+)$/m;

/** One echo request by ping of iputils. */
export const icmp: Tool = {
  commandLine: ({ family }, target, timeoutMs) => [
    "ping",
    "-n",
    family === "IPv6" ? "-6" : "-4",
    "-c",
    "1",
    "-W",
    inSeconds(timeoutMs),
    target,
  ],
  classify: (exit) => {
    const time = REPLY.exec(exit.stdout)?.[1];
    if (exit.code === 0 && time !== undefined) {
      return { outcome: "Replied", matchesRequest: true, latencyMs: Number(time) };
    }
    return noReply(exit);
  },
};

/** ping exits with 1 without a reply, and with 2 if it could not send the request (ping(8)). */
function noReply(exit: Exit): Attempt {
  if (exit.code === 1) return nothingBack(exit);
  const words = PING_CONNECT_FAILED.exec(exit.stderr)?.[1] ?? "";
  const outcome = exit.code === 2 ? outcomeOfErrno(words) : undefined;
  return outcome ? unanswered(outcome, words) : broken("ping", exit);
}

function nothingBack(exit: Exit): Attempt {
  const error = ICMP_ERROR.exec(exit.stdout)?.[1];
  if (error !== undefined)
    return unanswered(/port unreachable/i.test(error) ? "Refused" : "Unreachable", error);
  return NOTHING_RECEIVED.test(exit.stdout) ? unanswered("NoReply", exit.stderr) : broken("ping", exit);
}
