import * as fc from "fast-check";
import { expect, it } from "vitest";
import { linesOf } from "./lines.ts";

async function* cut(bytes: Uint8Array, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

it("gives back any lines, however the bytes are cut", async () => {
  const line = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\n"));
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(line), sizes, async (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(""));
      expect(await Array.fromAsync(linesOf(cut(bytes, cuts)))).toEqual(lines);
    }),
  );
});

it("drops a line that was cut off", async () => {
  expect(await Array.fromAsync(linesOf(cut(new TextEncoder().encode("whole\nhal"), [4])))).toEqual(["whole"]);
});
