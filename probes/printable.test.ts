import { describe, expect, it } from "vitest";
import { truncateMiddle } from "./printable.ts";

describe("the cluster's own words", () => {
  const wrapped = `ImagePullBackOff: ${"failed to resolve: ".repeat(20)}connection refused`;

  it("are written in full where there is room", () => {
    expect(truncateMiddle("no such\nimage", 13)).toBe("no such image");
  });

  it("keep where it went wrong and why, where there is none", () => {
    expect(truncateMiddle(wrapped, 63)).toBe(
      "ImagePullBackOff: failed to re … to resolve: connection refused",
    );
  });

  it.each([20, 63, 100, 320])("never have more than %d letters", (longest) => {
    expect(truncateMiddle(wrapped, longest).length).toBeLessThanOrEqual(longest);
  });
});
