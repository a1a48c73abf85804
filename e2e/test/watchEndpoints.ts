import { spawn } from "node:child_process";

import { onTestFinished } from "vitest";

import { cluster } from "./scenario.ts";

const TEMPLATE = '{{range .endpoints}}{{.targetRef.name}} ready={{.conditions.ready}}{{"\\n"}}{{end}}';

/**
 * Watches the EndpointSlices of a Service until the test is over. Tells every state that an endpoint has had since, in
 * their order: `web-5d9f-x2x ready=true`.
 */
export function watchEndpoints(namespace: string, service: string): { seen: () => readonly string[] } {
  const selector = `--selector=kubernetes.io/service-name=${service}`;
  const child = spawn(
    cluster.kubectl,
    [
      "get",
      "endpointslices",
      selector,
      `--namespace=${namespace}`,
      "--watch",
      "-o",
      `go-template=${TEMPLATE}`,
    ],
    { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  onTestFinished(() => void child.kill());
  return { seen: () => text.split("\n").filter((line) => line !== "") };
}
