import { parseArgs } from "node:util";

import type { Engine } from "../cluster/cni/engine.ts";
import { engineNamed, engines } from "../cluster/cni/registry.ts";
import { Failure, messageOf } from "../process/failure.ts";
import { marked, runningOn } from "./scenarios.ts";

/** An engine, and the files that are to run on it. */
export interface Choice {
  readonly engine: Engine;
  readonly files: readonly string[];
  /** True if the command line names the engine: then it has to run here. */
  readonly isNamed: boolean;
}

/**
 * Reads the command line of `npm run test:engines`: `--engine NAME` leaves the other engines out, and each other word
 * selects the marked scenarios whose path contains it. Fails where nothing would run.
 */
export function chosen(args: readonly string[]): readonly Choice[] {
  const { words, name } = parsed(args);
  for (const word of words)
    if (!marked.some(({ file }) => file.includes(word)))
      throw new Failure(`no marked scenario has "${word}" in its path: see e2e/engines/scenarios.ts`);
  const choices = (name === undefined ? engines : [engineNamed(name)]).map((engine) => ({
    engine,
    files: runningOn(engine.name)
      .map(({ file }) => file)
      .filter((file) => words.length === 0 || words.some((word) => file.includes(word))),
    isNamed: name !== undefined,
  }));
  const some = choices.filter(({ files }) => files.length > 0);
  if (some.length === 0) throw new Failure(`none of ${words.join(", ")} runs on ${name ?? "any engine"}`);
  return some;
}

function parsed(args: readonly string[]) {
  try {
    const options = { engine: { type: "string" } } as const;
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { words: positionals, name: values.engine };
  } catch (error) {
    throw new Failure(`${messageOf(error)}; test:engines takes --engine NAME and parts of paths`);
  }
}
