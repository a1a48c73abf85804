import { parseArgs } from "node:util";
import { Failure, messageOf } from "../process/failure.ts";

export const USAGE = `npm run bench [-- --matrix | --cpu | --start | --page | --load | --lease | --scale] [--against COMMIT] [--repeats N] [--minutes N]
  without options    from the creation of a test to its verdict, in a cluster (Linux, root)
  --matrix           many tests, lone denials and hindrances, in a cluster
  --cpu              the operator's own work, without a cluster
  --start            the start of operator and runner, without a cluster
  --load             200 tests that are due at once, in a cluster
  --lease            whether the leader renews its Lease while a large test is requested again and again, in a cluster
  --scale            10,000 tests and 5,000 pods, on a real API server without nodes (Linux)
  --page             the HTML report in Chromium, without a cluster
  --against COMMIT   measures the build of another commit as well; --cpu and --start choose one if it is left out
  --repeats N        of --matrix and --page (5 if left out) and --start (9 if left out)
  --minutes N        of --lease (10 if left out)`;

export interface Options {
  readonly what: "cluster" | "matrix" | "cpu" | "start" | "page" | "load" | "lease" | "scale";
  readonly against?: string;
  readonly repeats?: number;
  readonly minutes?: number;
}

const KINDS = ["matrix", "cpu", "start", "page", "load", "lease", "scale"] as const;

const AGAINST: ReadonlySet<string> = new Set(["matrix", "cpu", "start", "scale"]);
const REPEATED: ReadonlySet<string> = new Set(["matrix", "start", "page"]);

/** Reads the command line. Fails with one sentence if the options do not fit together. */
export function optionsFrom(args: readonly string[]): Options | "help" {
  const { help, against, repeats, minutes, ...kinds } = parsed(args);
  if (help) return "help";
  const [what = "cluster", ...others] = KINDS.filter((kind) => kinds[kind]);
  if (others.length > 0) throw wrong(`--${what} and --${others.join(", --")} exclude each other`);
  if (against !== undefined && !AGAINST.has(what))
    throw wrong("--against needs --matrix, --cpu, --start or --scale");
  return {
    what,
    ...(against !== undefined && { against }),
    ...(repeats !== undefined && { repeats: repeatsOf(what, repeats) }),
    ...(minutes !== undefined && { minutes: minutesOf(what, minutes) }),
  };
}

function minutesOf(what: Options["what"], minutes: string): number {
  if (what !== "lease") throw wrong("--minutes needs --lease");
  if (/^[1-9][0-9]{0,2}$/.test(minutes)) return Number(minutes);
  throw wrong(`--minutes ${minutes} is not a whole number from 1 to 999`);
}

function repeatsOf(what: Options["what"], repeats: string): number {
  if (!REPEATED.has(what)) throw wrong("--repeats needs --matrix, --start or --page");
  if (/^[1-9][0-9]{0,2}$/.test(repeats)) return Number(repeats);
  throw wrong(`--repeats ${repeats} is not a whole number from 1 to 999`);
}

function parsed(args: readonly string[]) {
  const [flag, text] = [{ type: "boolean" }, { type: "string" }] as const;
  const options = {
    help: flag,
    matrix: flag,
    cpu: flag,
    start: flag,
    page: flag,
    load: flag,
    lease: flag,
    scale: flag,
    against: text,
    repeats: text,
    minutes: text,
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node's further sentences are about positional arguments, of which there are none.
    throw wrong(messageOf(error).split(". ", 1).join(""));
  }
}

const wrong = (sentence: string) => new Failure(`${sentence}: see npm run bench -- --help`);
