import { cluster } from "../harness/scenario.ts";
import { attempt } from "../process/command.ts";

/** What kubectl answers to an attempt: its error, or that the API server permitted it. */
export async function answerTo(args: readonly string[], input = ""): Promise<string> {
  const flags = [`--kubeconfig=${cluster.kubeconfig}`];
  const { code, stdout, stderr } = await attempt(cluster.kubectl, [...flags, ...args], { input });
  return code === 0 ? `permitted: ${stdout}` : stderr;
}
