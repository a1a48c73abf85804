import { expect, it } from "vitest";

import { withEnvironment } from "./environment.ts";

const manifest = `
kind: Service
metadata: {name: netverdict}
---
kind: Deployment
metadata: {name: netverdict}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: operator
          env: [{name: A, value: one}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
`;

it("puts variables into Deployments and leaves everything else as it is", () => {
  const [service = "", deployment = ""] = withEnvironment(manifest, { A: "two", C: "three" }).split("---");
  expect(JSON.parse(service)).toEqual({ kind: "Service", metadata: { name: "netverdict" } });
  expect(JSON.parse(deployment)).toMatchObject({
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: "operator",
              env: [
                { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "A", value: "two" },
                { name: "C", value: "three" },
              ],
            },
          ],
        },
      },
    },
  });
});
