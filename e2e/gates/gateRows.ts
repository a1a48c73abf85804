import { beforeAll, expect, it } from "vitest";

import { databaseHasService, letIn, type Version, withoutOperator } from "./gatedWeb.ts";

/** A gate, as it decides about versions of `web`. */
export interface GateAtWork {
  /** The namespace of the pods that the test of `web` means. */
  readonly namespace: string;
  /** Rolls out a version, and resolves to whether the gate has let it through, once it has decided. */
  readonly goesThrough: (version: Version) => Promise<boolean>;
  /** Lets the gate decide again about the version that it stopped last. */
  readonly retry: (version: Version) => Promise<boolean>;
  /** The number of the version behind the gate. */
  readonly inUse: () => Promise<string>;
}

/** Other numbers than those of `gatedWeb.ts`. */
let count = 10;

/** A version that was never tried. A policy lets in at the database who has `yes`. */
const another = (database: Version["database"] = "yes"): Version => {
  count += 1;
  return { number: String(count), database };
};

/** The tests of a gate, which is there when they start. Their titles are the rows of a table in docs/gates.md. */
export function itGates(gate: () => GateAtWork): void {
  const namespace = () => gate().namespace;
  const goesThrough = async (version: Version) => gate().goesThrough(version);
  const retry = async (version: Version) => gate().retry(version);
  const inUse = async () => gate().inUse();
  const first = another();
  const better = another();
  const cutOff = another("no");

  beforeAll(async () => {
    expect(await goesThrough(first)).toBe(true);
  }, 300_000);

  it("a good version goes through", async () => {
    expect(await inUse()).toBe(first.number);
    expect(await goesThrough(better)).toBe(true);
    expect(await inUse()).toBe(better.number);
  });

  it("a version that a policy cuts off from its database is stopped, and the one before stays", async () => {
    expect(await goesThrough(cutOff)).toBe(false);
    expect(await inUse()).toBe(better.number);
  });

  it("its second attempt, with another policy, is not judged by the run of the first", async () => {
    await letIn(namespace(), ["yes", "no"]);
    expect(await retry(cutOff)).toBe(true);
    expect(await inUse()).toBe(cutOff.number);
  });

  it("a version that went through, and is cut off when it is tried again, is stopped", async () => {
    const between = another();
    expect(await goesThrough(between)).toBe(true);
    await letIn(namespace(), ["yes"]);
    expect(await goesThrough(cutOff)).toBe(false);
    expect(await inUse()).toBe(between.number);
  });

  it("after an inconclusive verdict the rollout does not go on", async () => {
    const before = await inUse();
    await databaseHasService(namespace(), false);
    expect(await goesThrough(another())).toBe(false);
    expect(await inUse()).toBe(before);
    await databaseHasService(namespace(), true);
  });

  it("a rollout is stopped if the operator is away", async () => {
    const before = another();
    expect(await goesThrough(before)).toBe(true);
    await withoutOperator(async () => {
      expect(await goesThrough(another())).toBe(false);
      expect(await inUse()).toBe(before.number);
    });
  });
}
