import { createHash } from "node:crypto";

import { GATE_SECRET } from "../../crds/group.ts";
import { RECIPE_SECRET } from "../../operator/testing/gateRecipe.ts";
import { declare, networkPolicy } from "../harness/runTest.ts";
import { kubectl } from "../harness/scenario.ts";
import { deployment, server, service } from "../harness/workload.ts";
import { TESTS } from "../kube/connectivityTests.ts";
import { apply, deploy } from "../kube/deploy.ts";

/** A version of the pods of `web`. */
export interface Version {
  readonly number: string;
  /** A policy lets in at the database who has a certain one. */
  readonly database: "yes" | "no";
}

export const GOOD: Version = { number: "1", database: "yes" };
export const BETTER: Version = { number: "2", database: "yes" };
export const CUT_OFF: Version = { number: "3", database: "no" };

/** The Deployment `web` in this version; its template is the one of a Rollout too. */
export const webDeployment = (namespace: string, { number, database }: Version) =>
  deployment({ namespace, name: "web", replicas: 2, labels: { database }, environment: { VERSION: number } });

/** The number of the version that a Deployment has. */
export async function versionOf(namespace: string, name = "web"): Promise<string> {
  const path = "jsonpath={.spec.template.spec.containers[0].env[0].value}";
  return kubectl(["get", `deployment/${name}`, `--namespace=${namespace}`, "-o", path]);
}

/** Lets pods with these labels connect to the database, and no others. */
export async function letIn(namespace: string, values: readonly Version["database"][]): Promise<void> {
  const from = [{ podSelector: { matchExpressions: [{ key: "database", operator: "In", values }] } }];
  const spec = { podSelector: { matchLabels: { app: "db" } }, policyTypes: ["Ingress"], ingress: [{ from }] };
  await apply(kubectl, networkPolicy({ namespace, name: "db" }, spec));
}

/** What the test of `web` expects: its pods, which have these labels, reach the database. */
export function webExpectations(labels: Readonly<Record<string, string>> = { app: "web" }) {
  const from = { podSelector: { matchLabels: labels } };
  const to = { service: { name: "db" } };
  return [{ name: "web-reaches-db", from, to, tcp: { port: 80 }, expect: "Allowed" }];
}

/** The database with its policy. */
export async function deployDatabase(namespace: string): Promise<void> {
  await deploy(kubectl, server({ namespace, name: "db" }));
  await letIn(namespace, ["yes"]);
}

/** While the database has no Service, no run can decide anything. */
export async function databaseHasService(namespace: string, isThere: boolean): Promise<void> {
  if (isThere) await apply(kubectl, JSON.stringify(service({ namespace, name: "db" })));
  else await kubectl(["delete", "service/db", `--namespace=${namespace}`]);
}

/** The database, and the test of `web`, with the secret of docs/gates.md. */
export async function deployTest(
  namespace: string,
  labels?: Readonly<Record<string, string>>,
): Promise<void> {
  await deployDatabase(namespace);
  await declare({ namespace, name: "web" }, { expectations: webExpectations(labels) });
  const digest = createHash("sha256").update(RECIPE_SECRET).digest("hex");
  await kubectl(["annotate", TESTS, "web", `--namespace=${namespace}`, `${GATE_SECRET}=${digest}`]);
}

/** While the test is suspended, every gate gets Inconclusive. */
export async function suspend(namespace: string, isSuspended: boolean): Promise<void> {
  const patch = `--patch=${JSON.stringify({ spec: { suspend: isSuspended } })}`;
  await kubectl(["patch", TESTS, "web", `--namespace=${namespace}`, "--type=merge", patch]);
}

/** Runs something while no process of the operator runs. */
export async function withoutOperator(act: () => Promise<void>): Promise<void> {
  const operator = ["deployment/netverdict", "--namespace=netverdict-system"];
  await kubectl(["scale", ...operator, "--replicas=0"]);
  try {
    await act();
  } finally {
    await kubectl(["scale", ...operator, "--replicas=2"]);
    await kubectl(["rollout", "status", ...operator, "--timeout=120s"], { seconds: 125 });
  }
}
