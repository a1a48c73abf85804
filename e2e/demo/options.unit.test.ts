import { expect, it } from "vitest";

import { optionsFrom } from "./options.ts";

it.each([
  ["", "embedded"],
  ["--help", "help"],
  ["--context kind-a --registry r:5000/b", { context: "kind-a", registry: "r:5000/b", tag: "demo" }],
  ["--context kind-a --registry r --tag v1", { context: "kind-a", registry: "r", tag: "v1" }],
])("reads %j", (line, options) => {
  expect(optionsFrom(line.split(" ").filter(Boolean))).toEqual(options);
});

it.each(["--context kind-a", "--registry r", "--tag v1", "--contxt kind-a", "kind-a"])(
  "refuses %j with the usage",
  (line) => {
    expect(() => optionsFrom(line.split(" "))).toThrow(/npm run demo/);
  },
);
