import { expect, it } from "vitest";
import { formatBytes, formatCores, parseQuantity } from "./quantity.ts";

it.each([
  ["1", 1],
  ["0", 0],
  ["100m", 0.1],
  ["2500u", 0.0025],
  ["0.5", 0.5],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["128Mi", 2 ** 27],
  ["200M", 2e8],
  ["1e3", 1_000],
  ["1E3", 1_000],
  ["1E", 1e18],
])("%s is %d", (quantity, amount) => {
  expect(parseQuantity(quantity)).toBeCloseTo(amount, 9);
});

it.each(["", "m", "1x", "one", "1 Gi", "1..2"])("%o is no quantity", (quantity) => {
  expect(() => parseQuantity(quantity)).toThrow("is not a quantity");
});

it.each([
  [0.05, "50m"],
  [2, "2000m"],
])("%d cores are %s", (amount, quantity) => {
  expect(formatCores(amount)).toBe(quantity);
});

it.each([
  [2 ** 27, "128Mi"],
  [2e8, "200000000"],
])("%d bytes are %s", (amount, quantity) => {
  expect(formatBytes(amount)).toBe(quantity);
});
