import { expect, it } from "vitest";
import {
  clusterConnectivityTestSpecSchema,
  connectivityTestSpecSchema,
} from "../../crds/connectivitytest.ts";
import { probeGrantSchema } from "../../crds/probegrant.ts";
import { goodSpec } from "./goodSpec.ts";
import { rejectionProblem } from "./refused.ts";
import { goodClusterTest, goodGrant, refusedObjects } from "./refusedKinds.ts";

it("takes the good object that the bad ones are made of", () => {
  expect(connectivityTestSpecSchema.parse(goodSpec)).toMatchObject({ keepProbePods: "Never" });
});

it.each(rejectionProblem)(
  "refuses $title in zod as the API server does",
  ({ spec, sentence, zod = sentence }) => {
    expect(() => connectivityTestSpecSchema.parse(spec)).toThrow(zod);
  },
);

const schemas = {
  ClusterConnectivityTest: clusterConnectivityTestSpecSchema,
  ProbeGrant: probeGrantSchema.shape.spec,
};

it("takes the good objects of the other kinds", () => {
  expect(schemas.ClusterConnectivityTest.safeParse(goodClusterTest).success).toBe(true);
  expect(schemas.ProbeGrant.safeParse(goodGrant).success).toBe(true);
});

it.each(refusedObjects)(
  "refuses $title ($kind) in zod as the API server does",
  ({ kind, spec, sentence, zod = sentence }) => {
    expect(() => schemas[kind].parse(spec)).toThrow(zod);
  },
);
