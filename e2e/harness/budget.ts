import { until } from "../process/until.ts";
import { kubectl } from "./scenario.ts";
import { type Watch, watchLines } from "./watchLines.ts";

interface Budget {
  readonly namespace: string;
  /** Of the pods labelled `app: <name>`, and the name of the budget. */
  readonly name: string;
}

/** A PodDisruptionBudget that lets one of the pods go at a time. */
export function budget({ namespace, name }: Budget) {
  const spec = { maxUnavailable: 1, selector: { matchLabels: { app: name } } };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name, namespace }, spec };
}

/** How many of the pods it lets go now. */
export async function disruptionsAllowed({ namespace, name }: Budget): Promise<string> {
  const path = "jsonpath={.status.disruptionsAllowed}";
  return kubectl(["get", "poddisruptionbudget", name, `--namespace=${namespace}`, "-o", path]);
}

/** Watches, from the time when it lets one go, how many pods it reckons with, how many may go, and why. */
export async function watchBudget(of: Budget): Promise<Watch> {
  const isOpen = async () => ((await disruptionsAllowed(of)) === "1" ? true : undefined);
  await until("evictions are allowed", isOpen, { seconds: 30, everyMs: 500 });
  return watchLines(
    ["poddisruptionbudgets", of.name, `--namespace=${of.namespace}`],
    "expected={{.status.expectedPods}} allowed={{.status.disruptionsAllowed}}{{range .status.conditions}} {{.reason}}{{end}}",
  );
}
