import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import winston from "winston";
import { ApiError } from "./apiError.ts";

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, unknown>>;

/** Writes one line: a constant message, and the variable parts as fields. Never bodies, headers or credentials. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>>;

const reconciles = new AsyncLocalStorage<Fields>();

/** Runs a reconcile. Every line that is logged within it has the test and an id of this reconcile. */
export function loggedReconcile<Result>(test: string, reconcile: () => Promise<Result>): Promise<Result> {
  return reconciles.run({ test, reconcileId: randomUUID().slice(0, 8) }, reconcile);
}

/** A log of JSON lines on stdout, with an RFC 3339 time. */
export function createLog(
  level: LogLevel,
  transport: winston.transport = new winston.transports.Console(),
): Log {
  const { combine, timestamp, json } = winston.format;
  const logger = winston.createLogger({
    level,
    format: combine(timestamp(), json()),
    transports: [transport],
  });
  const write =
    (lineLevel: LogLevel) =>
    (message: string, fields: Fields = {}) =>
      void logger.log({ ...reconciles.getStore(), ...fields, level: lineLevel, message });
  return { error: write("error"), warn: write("warn"), info: write("info"), debug: write("debug") };
}

/** Returns the fields of an error for a log line: of a response only the message and the reason of its Status. */
export function errorFields(error: unknown): Fields {
  if (error instanceof ApiError) return { error: error.message, code: error.code, reason: error.reason };
  if (!(error instanceof Error)) return { error: "the thrown value is not an Error" };
  const { cause, message } = error;
  return { error: message.slice(0, 1024), ...(cause instanceof Error && { cause: cause.message }) };
}
