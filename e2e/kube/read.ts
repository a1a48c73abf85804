import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, get } from "node:https";

import { parse } from "yaml";
import { z } from "zod";

import { Failure } from "../process/failure.ts";
import type { Kubectl } from "./kubectl.ts";

/** What the API server answers to a GET of a path, as text; fails with its own words where it refuses. */
export type Read = (path: string) => Promise<string>;

/** Each read is a process of its own. */
export function readerBy(kubectl: Kubectl): Read {
  return async (path) => kubectl(["get", "--raw", path]);
}

/** In milliseconds: until a read fails, and until an idle connection is closed, well before the API server closes it. */
const TIMEOUT = 10_000;

/**
 * Reads within this process, over connections that stay open: a scenario that waits reads again and again, and each kubectl
 * would cost a tenth of a second of CPU. The kubeconfig is one of the embedded cluster, with a client certificate in it:
 * client-node, which supports every kind, costs a second of CPU in each worker that loads it.
 */
export function readerOf(kubeconfig: string): Read {
  const { server, ...credentials } = accessIn(readFileSync(kubeconfig, "utf8"));
  const agent = new Agent({ keepAlive: true, timeout: TIMEOUT, ...credentials });
  return async (path) => {
    const request = get(new URL(path, server), { agent, signal: AbortSignal.timeout(TIMEOUT) });
    const answer = await answerTo(request);
    const text = (await answer.setEncoding("utf8").toArray()).join("");
    if (answer.statusCode !== 200) throw new Failure(`GET ${path}: ${messageIn(text)}`);
    return text;
  };
}

const base64 = z.base64().transform((text) => Buffer.from(text, "base64"));
const kubeconfigSchema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.url(), "certificate-authority-data": base64 }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ "client-certificate-data": base64, "client-key-data": base64 }) }),
  ]),
});

/** Where its one cluster is, and as whom its one user is known there. */
function accessIn(kubeconfig: string) {
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = kubeconfigSchema.parse(parse(kubeconfig));
  return {
    server: cluster.server,
    ca: cluster["certificate-authority-data"],
    cert: user["client-certificate-data"],
    key: user["client-key-data"],
  };
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.on("response", resolve).on("error", reject);
  return promise;
}

const statusSchema = z.object({ kind: z.literal("Status"), message: z.string() });

/** The message of a refusal, or all of what is none. */
function messageIn(text: string): string {
  try {
    return statusSchema.parse(JSON.parse(text)).message;
  } catch {
    return text;
  }
}
