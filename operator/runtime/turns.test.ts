import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import { inTurn, mapInTurns } from "./turns.ts";

// The work of the test before would count for the turn in which the next one begins.
beforeEach(async () => nextTurn());

function busyFor(milliseconds: number) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it("makes something of each item, in order", async () => {
  await expect(mapInTurns([1, 2, 3], (one) => one * 2)).resolves.toEqual([2, 4, 6]);
});

it("lets others have a turn while it works through items that take long", async () => {
  const order: string[] = [];
  setImmediate(() => order.push("other"));
  await mapInTurns([1, 2], (one) => {
    order.push(`item ${one}`);
    busyFor(11);
  });
  expect(order).toEqual(["item 1", "other", "item 2"]);
});

it("gives each of several lists a turn of its own, so that together they take no longer one", async () => {
  const turns: number[] = [];
  let turn = 0;
  const count = () => {
    turn += 1;
    if (turns.length < 6) setImmediate(count);
  };
  setImmediate(count);
  const read = () => {
    turns.push(turn);
    busyFor(11);
  };
  await Promise.all([mapInTurns([1, 2], read), mapInTurns([1, 2], read), inTurn(read), inTurn(read)]);
  expect(turns).toHaveLength(6);
  expect(new Set(turns).size).toBe(6);
});

it("fails at the first item that cannot be mapped", async () => {
  const broken = new Error("unreadable");
  const read = () => {
    throw broken;
  };
  await expect(mapInTurns([1], read)).rejects.toBe(broken);
});
