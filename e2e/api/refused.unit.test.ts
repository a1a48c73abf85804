import { expect, it } from "vitest";
import { connectivityTestSpecSchema } from "../../crds/connectivitytest.ts";
import { goodSpec } from "./goodSpec.ts";
import { refused } from "./refused.ts";

it("takes the good object that the bad ones are made of", () => {
  expect(connectivityTestSpecSchema.parse(goodSpec)).toMatchObject({ keepProbePods: "Never" });
});

it.each(refused)("refuses $title in zod as the API server does", ({ spec, sentence, zod = sentence }) => {
  expect(() => connectivityTestSpecSchema.parse(spec)).toThrow(zod);
});
