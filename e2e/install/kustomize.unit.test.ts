import { expect, it } from "vitest";

import { newImage } from "./kustomize.ts";

it.each([
  ["localhost/netverdict:4f5d", { newName: "localhost/netverdict", newTag: "4f5d" }],
  ["registry:5000/team/netverdict:v1", { newName: "registry:5000/team/netverdict", newTag: "v1" }],
  ["registry:5000/netverdict", { newName: "registry:5000/netverdict" }],
])("takes %s apart for kustomize", (reference, parts) => {
  expect(newImage(["netverdict", reference])).toEqual({ name: "netverdict", ...parts });
});
