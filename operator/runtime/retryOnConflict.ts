import { isConflict } from "./apiError.ts";

/**
 * Reads an object and writes it, and does both again if another client has written it in between; at most `attempts` times.
 * Rejects with the last conflict, and with every other error.
 */
export async function retryOnConflict<Result>(
  attempts: number,
  readAndWrite: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readAndWrite();
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
  }
}
