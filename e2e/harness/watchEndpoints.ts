import { onTestFinished } from "vitest";

import { watchLines } from "./watchLines.ts";

const TEMPLATE = '{{range .endpoints}}{{.targetRef.name}} ready={{.conditions.ready}}{{"\\n"}}{{end}}';

/**
 * Watches the EndpointSlices of a Service until the test is over. Reports every state that an endpoint has had since, in
 * their order: `web-5d9f-x2x ready=true`.
 */
export function watchEndpoints(namespace: string, service: string): { seen: () => readonly string[] } {
  const selector = `--selector=kubernetes.io/service-name=${service}`;
  const { seen, stop } = watchLines(["endpointslices", selector, `--namespace=${namespace}`], TEMPLATE);
  onTestFinished(stop);
  return { seen };
}
