import { expect, test } from "vitest";

import { linkerFlags } from "./binaries.ts";
import { isNewEnough } from "./go.ts";
import { base } from "./groups.ts";

test.for([
  { version: "1.26", enough: true },
  { version: "1.26.8", enough: true },
  { version: "1.27rc1", enough: true },
  { version: "2.0", enough: true },
  { version: "1.25.9", enough: false },
  { version: "1.9", enough: false },
])("Go $version is new enough: $enough", ({ version, enough }) => {
  expect(isNewEnough(version)).toBe(enough);
});

test("Kubernetes' programs report their version, which clients rely on", () => {
  expect(linkerFlags(base)).toContain("-X k8s.io/component-base/version.gitVersion=v1.36.3");
});
