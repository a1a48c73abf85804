import { expect, it } from "vitest";
import { probingSchema } from "../../crds/probing.ts";
import type { Report } from "../../probes/report.ts";
import { isWithinContainerTimes } from "./probePodState.ts";

const START = "2026-11-21T12:00:00Z";
const END = "2026-11-21T12:00:10Z";
const times = { startedAt: START, finishedAt: END };
/** So many seconds after the container's start. */
const at = (seconds: number) => Date.parse(START) + seconds * 1_000;

/** Ten rounds, a second apart, unless said otherwise. */
const report = (fields: Partial<Report> = {}): Report => ({
  startedAt: at(1),
  complete: true,
  results: [
    { path: 0, samples: "CCC" },
    { path: 1, samples: ".........." },
  ],
  ...fields,
});
const contact = (first: number, last: number) => ({
  contact: { address: "192.0.2.11", first: at(first), last: at(last) },
});
const isWithin = (fields: Partial<Report>, when: object = times, probing: object = {}) =>
  isWithinContainerTimes(report(fields), when, probingSchema.parse(probing));

it.each([
  ["rounds and contacts within it", contact(1, 10)],
  ["a clock that is a little slow", { startedAt: at(-4), ...contact(-4, 5) }],
  ["a clock that is a little fast", { startedAt: at(5), ...contact(5, 14) }],
  ["no rounds", { results: [] }],
  ["an end within it", { writtenAt: at(10) }],
])("the report of a container's life may have %s", (_, fields) => {
  expect(isWithin(fields)).toBe(true);
});

it.each([
  ["a first round before it", { startedAt: at(-6) }],
  ["a last round after it", { startedAt: at(7) }],
  ["more rounds than it had time for", { results: [{ path: 0, samples: ".".repeat(16) }] }],
  ["a contact before it", contact(-6, 5)],
  ["a contact after it", contact(1, 16)],
  ["an end after it", { writtenAt: at(16) }],
])("the report of a container's life cannot have %s", (_, fields) => {
  expect(isWithin(fields)).toBe(false);
});

it("rounds are as far apart as they were to be", () => {
  expect(isWithin({}, times, { interval: "2s" })).toBe(false);
  expect(isWithin({}, { ...times, finishedAt: "2026-11-21T12:00:19Z" }, { interval: "2s" })).toBe(true);
});

it("what the kubelet did not report refutes nothing", () => {
  expect(isWithin({ startedAt: 0 }, { finishedAt: END })).toBe(true);
  expect(isWithin({ startedAt: at(99) }, { startedAt: START, finishedAt: null })).toBe(true);
  expect(isWithin({ startedAt: 0 }, {})).toBe(true);
});
