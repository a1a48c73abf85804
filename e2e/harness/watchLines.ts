import { spawn } from "node:child_process";

import { cluster } from "./scenario.ts";

export interface Watch {
  /** Every line that the template has given since, in their order. */
  readonly seen: () => readonly string[];
  readonly stop: () => void;
}

/** Watches objects by `kubectl get … --watch`; each state of each of them is written by the Go template. */
export function watchLines(what: readonly string[], template: string): Watch {
  const child = spawn(
    cluster.kubectl,
    ["get", ...what, "--watch", "-o", `go-template=${template}{{"\\n"}}`],
    {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return { seen: () => text.split("\n").filter((line) => line !== ""), stop: () => void child.kill() };
}
