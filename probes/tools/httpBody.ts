import type { Check } from "../../crds/proberun/plannedpath.ts";
import { MAX_BODY_BYTES, type UnfinishedBody } from "../../crds/proberun/proberunstatus.ts";
import { TIMED_OUT, type Written } from "./curl.ts";

/** The headers of the last response: an interim response (RFC 9110 §15.2) has headers of its own. */
const lastHeaders = (headers: string) => headers.split(/\n(?=HTTP\/)/).at(-1) ?? "";

const END_OF_HEADERS = /\n\r?\n/;
const CONTENT_LENGTH = /\ncontent-length: *(\d+)/i;
const TRANSFER_ENCODING = /\ntransfer-encoding:/i;

/** How a response ended. */
export interface BodyEnd {
  /**
   * The whole response came. So it did if its headers came, and declare no length, and the connection is still open at
   * the timeout: nothing distinguishes a stream of events from a response that no longer gets through.
   */
  readonly isWhole: boolean;
  /** Set unless the response had ended. */
  readonly unfinished?: UnfinishedBody;
}

/**
 * Returns how a response ended, by its framing (RFC 9112 §6.3 and §8, RFC 9113 §8.1). curl evaluates the framing, except
 * that it accepts headers that a close cuts off (findings/curl-accepts-half-headers.sh).
 */
export function bodyEnd(allHeaders: string, written: Written, check: Check): BodyEnd {
  const { exitcode, http_code: status } = written;
  const headers = lastHeaders(allHeaders);
  const haveHeadersEnded = END_OF_HEADERS.test(headers) && status >= 200;
  if (exitcode === 0 && haveHeadersEnded) return { isWhole: true };
  const promised = hasBody(check, status) ? declaredLength(headers) : undefined;
  const unfinished = {
    received: bounded(written.size_download),
    ...(promised !== undefined && { promised: bounded(promised) }),
  };
  return { isWhole: exitcode === TIMED_OUT && haveHeadersEnded && promised === undefined, unfinished };
}

/** A response to HEAD and these statuses have no body, independent of their headers (RFC 9112 §6.3). */
const hasBody = ({ method }: Check, status: number) =>
  method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;

/** Transfer-Encoding overrides Content-Length (RFC 9112 §6.3). */
function declaredLength(headers: string): number | undefined {
  const length = CONTENT_LENGTH.exec(headers)?.[1];
  return length === undefined || TRANSFER_ENCODING.test(headers) ? undefined : Number(length);
}

const bounded = (bytes: number) => Math.min(bytes, MAX_BODY_BYTES);
