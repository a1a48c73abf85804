import { expect, it } from "vitest";

import { deploy, objectsOf } from "./deploy.ts";

const manifest = `
kind: CustomResourceDefinition
metadata: {name: proberuns.netverdict.dev}
---
kind: Service
metadata: {name: catalog, namespace: catalog}
---
kind: Deployment
metadata: {name: catalog, namespace: catalog}
`;

it("applies, then waits for kinds and workloads in the order of the manifest", async () => {
  const calls: string[] = [];
  await deploy(async (args) => {
    calls.push(args.join(" "));
    return "";
  }, manifest);
  expect(calls).toEqual([
    "apply --server-side --force-conflicts -f -",
    "wait --for=condition=Established crd/proberuns.netverdict.dev --timeout=120s",
    "rollout status Deployment/catalog --namespace=catalog --timeout=120s",
  ]);
});

it("tells the state of the pods and their last words when a rollout fails", async () => {
  const kubectl = async ([verb = ""]: readonly string[]) => {
    if (verb === "rollout") throw new Error("timed out waiting for the condition");
    return `${verb} said`;
  };
  await expect(deploy(kubectl, manifest)).rejects.toThrow(/timed out.*get said.*logs said/s);
});

it("refuses a text that is not made of objects", () => {
  expect(() => objectsOf("just: text")).toThrow(/kind/);
});
