import { expect, it } from "vitest";
import { later } from "../testing/objects.ts";
import { createSince } from "./since.ts";

it("a state lasts since it began, independent of how often it is seen, and another one since later", () => {
  let now = 0;
  const since = createSince(() => later(now));
  expect(since.get("web")).toBeUndefined();
  since.set("web", true);
  now = 1_000;
  since.set("web", true);
  since.set("db", true);
  expect([since.get("web"), since.get("db")]).toEqual([later(0), later(1_000)]);
  since.set("web", false);
  expect(since.get("web")).toBeUndefined();
  since.set("web", true);
  expect(since.get("web")).toEqual(later(1_000));
});
