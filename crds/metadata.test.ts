import { describe, expect, it } from "vitest";
import { controllerOf, keyOf, metadataSchema } from "./metadata.ts";

const owner = (name: string, controller?: boolean) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name,
  uid: name,
  ...(controller !== undefined && { controller }),
});

describe("controllerOf", () => {
  it.each([
    ["nobody", [], undefined],
    ["an owner that controls nothing", [owner("a"), owner("b", false)], undefined],
    ["the one that controls it", [owner("a"), owner("b", true)], "b"],
  ])("finds %s", (_, ownerReferences, name) => {
    expect(controllerOf(metadataSchema.parse({ name: "pod", ownerReferences }))?.name).toBe(name);
  });
});

it("names an object by namespace and name", () => {
  expect(keyOf({ namespace: "shop", name: "ui" })).toBe("shop/ui");
});
