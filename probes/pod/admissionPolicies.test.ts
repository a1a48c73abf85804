import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import {
  GROUP,
  PASSED_GATE,
  PROBE_POD_NAME,
  PROBE_RUN,
  TRUST_ADMISSION,
  WITNESS_NAMESPACE,
} from "../../crds/group.ts";
import { plannedPodSchema, probeRunSchema } from "../../crds/proberun/proberun.ts";
import { check } from "../testing/checks.ts";
import { probePod } from "./pod.ts";

/** What the API server makes of these expressions is tested in e2e/api and e2e/scenarios. */
const MANIFESTS = join(import.meta.dirname, "../../manifests");
const read = (path: string) => readFileSync(join(MANIFESTS, path), "utf8");

const namedExpression = z.object({ name: z.string(), expression: z.string() });
const policySchema = z.object({
  kind: z.literal("ValidatingAdmissionPolicy"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    failurePolicy: z.string(),
    matchConditions: z.array(namedExpression),
    variables: z.array(namedExpression).default([]),
    validations: z.array(
      z.object({
        expression: z.string(),
        reason: z.string(),
        message: z.string().optional(),
        messageExpression: z.string().optional(),
      }),
    ),
  }),
});
const bindingSchema = z.object({
  kind: z.literal("ValidatingAdmissionPolicyBinding"),
  spec: z.object({ policyName: z.string(), validationActions: z.array(z.string()) }),
});

/** The fields that the policy for the operator's account reads. A variable has a value of its own, or one of a field of the pod. */
const createdSpecSchema = z.object({
  automountServiceAccountToken: z.boolean(),
  volumes: z.array(z.unknown()).optional(),
  initContainers: z.array(z.unknown()).optional(),
  containers: z.array(
    z.object({
      command: z.array(z.string()),
      env: z.array(
        z.object({
          name: z.string(),
          value: z.string().optional(),
          valueFrom: z.strictObject({ fieldRef: z.unknown() }).optional(),
        }),
      ),
    }),
  ),
});

const files = readdirSync(join(MANIFESTS, "admission")).map((file) => `admission/${file}`);
/** Installed with the right that it limits. */
const READINESS_GATE = "readiness-gate/admission.yaml";
const objects = [...files, READINESS_GATE].flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => z.unknown().parse(document.toJS())),
);
const policies = objects.flatMap((object) => policySchema.safeParse(object).data ?? []);
const bindings = objects.flatMap((object) => bindingSchema.safeParse(object).data ?? []);
const expressionsOf = (name: string) => {
  const spec = policies.find(({ metadata }) => metadata.name === name)?.spec;
  const { matchConditions = [], variables = [], validations = [] } = spec ?? {};
  return [...matchConditions, ...variables, ...validations].map(({ expression }) => expression).join("\n");
};

it("every policy is installed with the operator, and denies", () => {
  const { resources } = z.object({ resources: z.array(z.string()) }).parse(parse(read("kustomization.yaml")));
  expect(resources).toEqual(expect.arrayContaining(files));
  expect(policies.length + bindings.length).toBe(objects.length);
  expect(bindings.map(({ spec }) => spec)).toEqual(
    policies.map(({ metadata }) => ({ policyName: metadata.name, validationActions: ["Deny"] })),
  );
  expect(policies.map(({ spec }) => spec.failurePolicy)).toEqual(policies.map(() => "Fail"));
});

it("every rejection has a sentence of one line, and is Forbidden: the operator retries these, and no others", () => {
  for (const { reason, message, messageExpression } of policies.flatMap(({ spec }) => spec.validations)) {
    expect(reason).toBe("Forbidden");
    expect(message ?? messageExpression).toMatch(/^.{40,}$/);
  }
});

it("the reserved names are those of the pods of netverdict", () => {
  const { source } = PROBE_POD_NAME;
  expect(expressionsOf("netverdict-probe-pods")).toContain(`matches('${source}')`);
  expect(expressionsOf("netverdict-probe-pod-access")).toContain(source.slice(1, -1));
});

it("the policies mean the operator's service account, and its own kinds and names", () => {
  const account = z
    .object({
      kind: z.literal("ServiceAccount"),
      metadata: z.object({ name: z.string(), namespace: z.string() }),
    })
    .parse(parseAllDocuments(read("rbac.yaml"))[0]?.toJS()).metadata;
  const username = `'system:serviceaccount:${account.namespace}:${account.name}'`;
  for (const name of [
    "netverdict-probe-pods",
    "netverdict-results",
    "netverdict-operator",
    "netverdict-readiness-gate",
  ])
    expect(expressionsOf(name)).toContain(username);
  const operator = expressionsOf("netverdict-operator");
  expect(operator).toContain(`owner.kind == '${PROBE_RUN.kind}'`);
  expect(operator).toContain(`owner.apiVersion.startsWith('${GROUP}/')`);
  expect(operator).toContain(`request.namespace == '${WITNESS_NAMESPACE}'`);
  expect(operator).toContain(`'${TRUST_ADMISSION}' in namespaceObject.metadata.labels`);
});

it("the policy for the readiness gate means its condition alone", () => {
  const named = expressionsOf("netverdict-readiness-gate").match(/netverdict\.dev\/[a-z-]+/g);
  expect(new Set(named)).toEqual(new Set([PASSED_GATE]));
});

describe("the policy for the operator's account permits the operator's pods:", () => {
  const run = probeRunSchema.parse({
    metadata: { name: "net-abc", namespace: "shop", uid: "u" },
    spec: {
      test: { kind: "ConnectivityTest", name: "net", uid: "t" },
      run: { id: "abc", trigger: "Schedule", generation: 1 },
      probing: {},
      expectations: [],
    },
  });
  const roles = {
    "a twin": { twin: { labels: {}, serviceAccountName: "ui" } },
    "a node as a source": { node: "node-1" },
    "a witness": { witness: { node: "node-1" } },
    "a witness of a link": { witness: { node: "node-1", podNetwork: true } },
  };
  const expression = expressionsOf("netverdict-operator");
  const permitted = (pattern: RegExp) => {
    const list = pattern.exec(expression)?.[1] ?? "";
    return list.split(", ").map((word) => word.replaceAll("'", ""));
  };

  it.each(Object.entries(roles))("%s", (_, role) => {
    const { spec } = probePod({
      run,
      planned: plannedPodSchema.parse({ name: "probe-1", source: "Deployment/ui", ...role }),
      checks: [check(0)],
      image: "netverdict:1",
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 90,
    });
    const { containers, ...others } = createdSpecSchema.parse(spec);
    expect(others).toEqual({ automountServiceAccountToken: false });
    expect(containers).toHaveLength(1);
    for (const { command, env } of containers) {
      expect(command).toEqual(permitted(/command\.orValue\(\[\]\) == \[([^\]]*)\]/));
      const names = env.map(({ name }) => name);
      expect(permitted(/variable\.name in \[([^\]]*)\]/)).toEqual(expect.arrayContaining(names));
    }
  });
});
