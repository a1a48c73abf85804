import { join } from "node:path";
import { z } from "zod";
import type { Check } from "../../crds/proberun/plannedpath.ts";
import { outcomeOfErrno } from "./errno.ts";
import { unanswered, type Attempt } from "./tool.ts";

/**
 * The program that makes the TCP attempts of a pod, all in one process. It answers a SYN-ACK with a reset, so the server
 * has no connection (docs/decisions/0020-half-open-connections.md). The file documents its input and output.
 */
export const TCP_PROGRAM: readonly string[] = ["perl", join(import.meta.dirname, "tcp.pl")];

/** Returns an attempt as the program reads it behind its id. Throws if the check has no port. */
export function tcpRequest({ port }: Check, target: string, timeoutMs: number): string {
  if (port === undefined) throw new Error("the check has no port");
  return `${target} ${port} ${timeoutMs}`;
}

const id = z.int();
const roundTripMs = z.number().nonnegative();

/** A line of the program's output: the result of one attempt. */
export const tcpReplySchema = z.discriminatedUnion("state", [
  z.object({ id, state: z.literal("connected"), latencyMs: roundTripMs }),
  z.object({ id, state: z.literal("failed"), latencyMs: roundTripMs, error: z.string() }),
  z.object({ id, state: z.literal("silent") }),
]);
export type TcpReply = z.infer<typeof tcpReplySchema>;

/**
 * The errors of a connection that was established, and ended before the program looked at it. A reset in reply to the
 * SYN would be "refused" (tcp(7)).
 */
const CLOSED_AT_ONCE: ReadonlySet<string> = new Set(["Connection reset by peer", "Broken pipe"]);

/** Returns the result of an attempt. A connection is the requested result, independent of its end. */
export function tcpAttempt(reply: TcpReply): Attempt {
  switch (reply.state) {
    case "connected":
      return { outcome: "Connected", matchesRequest: true, latencyMs: reply.latencyMs };
    case "silent":
      return unanswered("NoReply", "");
    case "failed": {
      const { error } = reply;
      return CLOSED_AT_ONCE.has(error)
        ? { ...unanswered("Connected", error), matchesRequest: true, latencyMs: reply.latencyMs }
        : unanswered(outcomeOfErrno(error) ?? "ProbeError", error);
    }
  }
}
