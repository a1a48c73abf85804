import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { PRIORITY_CLASS } from "../../crds/group.ts";

/** The default of the cluster autoscaler's --expendable-pods-priority-cutoff. */
const EXPENDABLE = -10;

const manifest = (name: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, "../../manifests", name), "utf8"));

it("the PriorityClass of probe pods preempts no pod, is no default, and is too low to add a node", () => {
  const priorityClass = manifest("priority-class.yaml");
  expect(priorityClass).toMatchObject({
    kind: "PriorityClass",
    metadata: { name: PRIORITY_CLASS },
    preemptionPolicy: "Never",
    globalDefault: false,
  });
  expect(z.object({ value: z.int() }).parse(priorityClass).value).toBeLessThan(EXPENDABLE);
});

it("is installed with the operator", () => {
  const { resources } = z.object({ resources: z.array(z.string()) }).parse(manifest("kustomization.yaml"));
  expect(resources).toContain("priority-class.yaml");
});
