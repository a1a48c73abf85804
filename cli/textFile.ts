import { readFile, writeFile } from "node:fs/promises";
import { CliError } from "./clusterError.ts";

/** The name of the standard input. */
const STANDARD_INPUT = "-";

export type ReadStandardInput = () => Promise<string>;

/** Returns the text of a file, or of the standard input for `-`. Throws CliError. */
export async function readTextFile(file: string, readStandardInput: ReadStandardInput): Promise<string> {
  try {
    return await (file === STANDARD_INPUT ? readStandardInput() : readFile(file, "utf8"));
  } catch (error) {
    throw new CliError(`${file}: it cannot be read (${causeOfFile(error)}). Check the path.`);
  }
}

/** Writes a file, or replaces it. Throws CliError. */
export async function writeTextFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`${file}: it cannot be written (${causeOfFile(error)}). Check the path.`);
  }
}

const causeOfFile = (error: unknown) => (error instanceof Error ? error.message : String(error));
