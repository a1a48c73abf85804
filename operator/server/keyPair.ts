import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import { type Clock, realClock } from "../runtime/clock.ts";
import { errorFields, type Log } from "../runtime/log.ts";

/** How soon a renewed certificate is used. The kubelet needs up to a minute to write it into the volume. */
const RELOAD_MS = 10_000;

/** A certificate chain and its key, as PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A mounted Secret of the type `kubernetes.io/tls`, as cert-manager writes it. */
export interface KeyPairFiles {
  /** Returns the pair as it is now. Throws if a file is missing, or the key is of another certificate. */
  read(): KeyPair;
  /** Calls `use` with each pair that replaces the one that was read last. A pair that cannot be used is logged, once. */
  follow(use: (pair: KeyPair) => void): void;
  stop(): void;
}

/** Reads `tls.crt` and `tls.key` of a folder, and again every 10 s. */
export function createKeyPairFiles(folder: string, log: Log, clock: Clock = realClock): KeyPairFiles {
  const stopped = new AbortController();
  let seen: unknown;

  /** A file may be renewed between the two reads: then the pair does not match, and the next attempt reads both again. */
  function read(): KeyPair {
    const [cert, key] = ["tls.crt", "tls.key"].map((file) => readFileSync(join(folder, file), "utf8"));
    const pair = { cert: cert ?? "", key: key ?? "" };
    createSecureContext(pair);
    return pair;
  }

  function readNews(): KeyPair | undefined {
    try {
      const pair = read();
      if (isDeepStrictEqual(pair, seen)) return undefined;
      seen = pair;
      return pair;
    } catch (error) {
      const { error: problem } = errorFields(error);
      if (problem !== seen)
        log.warn("a certificate cannot be used, the one before it stays", { folder, problem });
      seen = problem;
      return undefined;
    }
  }

  return {
    read() {
      const pair = read();
      seen = pair;
      return pair;
    },
    follow(use) {
      void (async () => {
        while (!stopped.signal.aborted) {
          const pair = readNews();
          if (pair) use(pair);
          if (pair) log.info("another certificate is in use", { folder });
          await clock.sleep(RELOAD_MS, stopped.signal).catch(() => {});
        }
      })();
    },
    stop: () => stopped.abort(),
  };
}
