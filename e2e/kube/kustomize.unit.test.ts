import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { kustomize, newImage } from "./kustomize.ts";

it.each([
  ["localhost/netverdict:4f5d", { newName: "localhost/netverdict", newTag: "4f5d" }],
  ["registry:5000/team/netverdict:v1", { newName: "registry:5000/team/netverdict", newTag: "v1" }],
  ["registry:5000/netverdict", { newName: "registry:5000/netverdict" }],
  ["registry:5000/netverdict@sha256:4f5d", { newName: "registry:5000/netverdict", digest: "sha256:4f5d" }],
])("takes %s apart for kustomize", (reference, parts) => {
  expect(newImage(["netverdict", reference])).toEqual({ name: "netverdict", ...parts });
});

it("sets the images in a copy of the folder", async () => {
  const folder = join(import.meta.dirname, "../shop/app");
  const before = await readFile(join(folder, "kustomization.yaml"), "utf8");
  const kubectl = async ([, copy = ""]: readonly string[]) =>
    readFile(join(copy, "kustomization.yaml"), "utf8");
  const kustomization = await kustomize(kubectl, folder, { "shop-service": "localhost/shop-service:4f5d" });
  expect(kustomization).toContain("newName: localhost/shop-service");
  expect(kustomization).toContain("newTag: 4f5d");
  expect(kustomization).toContain("catalog-mysql.yaml");
  expect(await readFile(join(folder, "kustomization.yaml"), "utf8")).toBe(before);
});
