import { describe, expect, it, test } from "vitest";
import { outcomeSchema } from "../crds/vocabulary.ts";
import { canSay, describeSample, isLetter, letterOf } from "./samples.ts";

const LETTERS = "AaCcPNXF.RUExfn".split("");

describe("the alphabet of samples", () => {
  test.for(LETTERS)("%s is the letter of what it describes", (letter) => {
    expect(letterOf(describeSample(letter))).toBe(letter);
  });

  it.each([
    ["A a C c P N X F", "Allowed"],
    [". R U", "Denied"],
    ["E x f n", "Unknown"],
  ])("%s amount to %s", (letters, actual) => {
    expect(letters.split(" ").map((letter) => describeSample(letter).actual)).toEqual(
      letters.split(" ").map(() => actual),
    );
  });

  it("calls only these the answer asked for: A C P N", () => {
    expect(LETTERS.filter((letter) => describeSample(letter).matchesRequest)).toEqual(["A", "C", "P", "N"]);
  });

  it("calls only these a failure to resolve the host: x f n", () => {
    expect(LETTERS.filter((letter) => describeSample(letter).resolving)).toEqual(["x", "f", "n"]);
  });

  it("has a letter for every outcome", () => {
    const said = new Set(LETTERS.map((letter) => describeSample(letter).outcome));
    expect([...said].toSorted()).toEqual(outcomeSchema.options.toSorted());
  });

  it("takes a letter that is none for an attempt that says nothing", () => {
    expect(isLetter("Z")).toBe(false);
    expect(isLetter("toString")).toBe(false);
    expect(describeSample("Z")).toEqual(describeSample("E"));
  });

  it("has no letter for what no tool can see", () => {
    expect(letterOf({ outcome: "Replied", matchesRequest: false, resolving: true })).toBe("E");
  });
});

describe("what a tool can say", () => {
  it.each([
    ["http", "Aac.RUExfn", true],
    ["http", "AAC", false],
    ["tcp", "C.R", true],
    ["tcp", "A", false],
    ["icmp", "PPE", true],
    ["icmp", "N", false],
    ["dns", "NXF.RUE", true],
    ["dns", "x", false],
  ] as const)("%s and %s: %s", (tool, samples, can) => {
    expect(canSay(tool, samples)).toBe(can);
  });
});
