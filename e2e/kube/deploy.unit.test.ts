import { expect, it } from "vitest";

import { deploy, objectsOf } from "./deploy.ts";

const manifest = `
kind: CustomResourceDefinition
metadata: {name: proberuns.netverdict.dev}
---
kind: Deployment
metadata: {name: catalog, namespace: catalog}
---
kind: Service
metadata: {name: catalog, namespace: catalog}
---
kind: CustomResourceDefinition
metadata: {name: probegrants.netverdict.dev}
---
kind: Deployment
metadata: {name: ui, namespace: ui}
---
kind: StatefulSet
metadata: {name: catalog-mysql, namespace: catalog}
---
kind: Pod
metadata: {name: client, namespace: catalog}
`;

it("applies, then waits in the order of the manifest, by one kubectl for all workloads of a namespace", async () => {
  const calls: string[] = [];
  await deploy(async (args) => {
    calls.push(args.join(" "));
    return "";
  }, manifest);
  const [crds, workloads] = [
    "CustomResourceDefinition/proberuns.netverdict.dev CustomResourceDefinition/probegrants.netverdict.dev",
    "Deployment/catalog StatefulSet/catalog-mysql",
  ];
  expect(calls).toEqual([
    "apply --server-side --force-conflicts -f -",
    `wait --for=condition=Established ${crds} --timeout=120s`,
    `rollout status ${workloads} --namespace=catalog --timeout=120s`,
    "rollout status Deployment/ui --namespace=ui --timeout=120s",
    "wait --for=condition=Ready Pod/client --namespace=catalog --timeout=120s",
  ]);
});

it("reports the state of the pods and the last words of each workload when a rollout fails", async () => {
  const kubectl = async ([verb = "", what = ""]: readonly string[]) => {
    if (verb === "rollout") throw new Error("timed out waiting for the condition");
    return `${verb} ${what} said`;
  };
  await expect(deploy(kubectl, manifest)).rejects.toThrow(
    /timed out.*get pods said.*logs Deployment\/catalog said.*logs StatefulSet\/catalog-mysql said/s,
  );
});

it("refuses a text that is not made of objects", () => {
  expect(() => objectsOf("just: text")).toThrow(/kind/);
});
