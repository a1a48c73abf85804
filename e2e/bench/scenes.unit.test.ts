import { describe, expect, it } from "vitest";
import { z } from "zod";

import { SCENES } from "./scenes.ts";

const testSchema = z.object({
  spec: z.object({ expectations: z.array(z.object({ name: z.string(), expect: z.string() })) }),
});

const site = { namespace: "bench", image: "image" };
const expectationsOf = (title: string) => {
  const scene = SCENES.find((one) => one.title === title);
  return (scene?.tests(site) ?? []).flatMap(({ object }) => testSchema.parse(object).spec.expectations);
};

describe("the scenes of the matrix benchmark", () => {
  const matrix = expectationsOf("matrix 9 × 9, both families");

  it("have 81 expectations in the matrix, and 36 of them are denied", () => {
    expect(matrix).toHaveLength(81);
    expect(matrix.filter((one) => one.expect === "Denied")).toHaveLength(36);
  });

  it("have one denial that is alone, and twenty with one open path", () => {
    expect(expectationsOf("one Denied alone").map((one) => one.expect)).toEqual(["Denied"]);
    expect(expectationsOf("20 Denied and one Allowed").filter((one) => one.expect === "Denied")).toHaveLength(
      20,
    );
  });

  it("have a name of their own for each test of a scene", () => {
    for (const { tests } of SCENES) {
      const names = tests(site).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
