import type { z } from "zod";

/** Asks another service of the shop. Fails after a second, and when the answer is an error or not as the schema says. */
export async function ask<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  method: "GET" | "POST" = "GET",
): Promise<z.infer<Schema>> {
  const response = await fetch(url, { method, signal: AbortSignal.timeout(1_000) });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`);
  return schema.parse(await response.json());
}
