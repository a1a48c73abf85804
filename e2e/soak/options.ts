import { parseArgs } from "node:util";

import { Failure, messageOf } from "../process/failure.ts";

export const USAGE = `npm run soak [-- --minutes N] [--seed N]
  tests run one after the other while components are killed and policies change at random (Linux, root)
  --minutes N   from 2 to 1440 (30 if left out)
  --seed N      chooses the faults and the changes (the time if left out)`;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
}

/** Reads the command line. Fails with one sentence if an option is wrong. */
export function optionsFrom(args: readonly string[], now: number): SoakOptions | "help" {
  const { help, minutes = "30", seed = String(now % 1_000_000) } = parsed(args);
  if (help) return "help";
  return { minutes: whole("--minutes", minutes, [2, 1_440]), seed: whole("--seed", seed, [0, 2 ** 31 - 1]) };
}

function parsed(args: readonly string[]) {
  const options = {
    help: { type: "boolean" },
    minutes: { type: "string" },
    seed: { type: "string" },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node's further sentences are about positional arguments, of which there are none.
    throw wrong(messageOf(error).split(". ", 1).join(""));
  }
}

function whole(name: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
  throw wrong(`${name} ${text} is not a whole number from ${least} to ${most}`);
}

const wrong = (sentence: string) => new Failure(`${sentence}: see npm run soak -- --help`);
