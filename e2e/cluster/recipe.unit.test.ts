import { expect, it } from "vitest";

import { engineGroups, type EngineName } from "./build/groups.ts";
import { recipeKey } from "./recipe.ts";

const isEngine = (name: string): name is EngineName => name in engineGroups;
const programs = { base: "base@1", engine: "engine@1" };

it("is read from files that exist, and differs by engine and by programs", async () => {
  const engines = Object.keys(engineGroups).filter(isEngine);
  const keys = await Promise.all([
    ...engines.map(async (engine) => recipeKey(engine, programs)),
    ...engines.map(async (engine) => recipeKey(engine, { ...programs, base: "base@2" })),
  ]);
  expect(keys).toHaveLength(6);
  expect(new Set(keys).size).toBe(keys.length);
});
