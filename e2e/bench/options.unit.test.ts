import { expect, it } from "vitest";
import { Failure } from "../process/failure.ts";
import { optionsFrom } from "./options.ts";

const read = (line: string) => optionsFrom(line.split(" ").filter(Boolean));

it.each([
  ["", { what: "cluster" }],
  ["--help", "help"],
  ["--start --help", "help"],
  ["--cpu", { what: "cpu" }],
  ["--start --repeats 21", { what: "start", repeats: 21 }],
  ["--load", { what: "load" }],
  ["--scale --against HEAD", { what: "scale", against: "HEAD" }],
  ["--lease --minutes 3", { what: "lease", minutes: 3 }],
  ["--page --repeats 3", { what: "page", repeats: 3 }],
  ["--matrix --against HEAD --repeats 1", { what: "matrix", against: "HEAD", repeats: 1 }],
])("reads %j", (line, options) => {
  expect(read(line)).toEqual(options);
});

it.each([
  ["--helpp", "Unknown option '--helpp': see npm run bench -- --help"],
  ["start", "Unexpected argument 'start': see npm run bench -- --help"],
  ["--start --cpu", "--cpu and --start exclude each other: see npm run bench -- --help"],
  ["--against HEAD", "--against needs --matrix, --cpu, --start or --scale: see npm run bench -- --help"],
  [
    "--page --against HEAD",
    "--against needs --matrix, --cpu, --start or --scale: see npm run bench -- --help",
  ],
  ["--load --minutes 3", "--minutes needs --lease: see npm run bench -- --help"],
  ["--lease --minutes 0", "--minutes 0 is not a whole number from 1 to 999: see npm run bench -- --help"],
  ["--cpu --repeats 3", "--repeats needs --matrix, --start or --page: see npm run bench -- --help"],
  ["--start --repeats 0", "--repeats 0 is not a whole number from 1 to 999: see npm run bench -- --help"],
  ["--start --repeats 1.5", "--repeats 1.5 is not a whole number from 1 to 999: see npm run bench -- --help"],
])("rejects %j with one sentence", (line, sentence) => {
  expect(() => read(line)).toThrow(new Failure(sentence));
});
