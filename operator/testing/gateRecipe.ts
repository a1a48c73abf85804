import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The secret in the example for Flagger. */
export const RECIPE_SECRET = "0c7d2f6a5be14f8c93d1a6e27b40c85f";

/** Returns the YAML of an example for a gate in docs/gates.md, by default the first. */
export function gateRecipe(gate: "Argo Rollouts" | "Flagger", index = 0): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/gates.md"), "utf8");
  const section = page.slice(page.indexOf(`### ${gate}\n`));
  return Array.from(section.matchAll(/```yaml\n(.*?)```/gs), ([, yaml = ""]) => yaml)[index] ?? "";
}
