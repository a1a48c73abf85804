#!/usr/bin/env node
import "./nodeVersion.ts";
import { text } from "node:stream/consumers";
import { sourceTrace } from "../probes/sourceTrace.ts";
import { EXIT_CODES } from "./judgement.ts";
import { runProgram } from "./program.ts";

// Node would exit with 1 after an uncaught error, which here means Failed.
process.once("uncaughtException", (error) => {
  process.stderr.write(`${sourceTrace(error)}\n`);
  process.exit(EXIT_CODES.Error);
});
// A reader that has gone, such as `head`, changes no verdict.
process.stdout.on("error", () => undefined);

process.exitCode = await runProgram({
  argv: process.argv,
  environment: process.env,
  readStandardInput: async () => text(process.stdin),
  stdout: process.stdout,
  stderr: process.stderr,
});
