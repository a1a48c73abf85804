import { calico } from "./calico.ts";
import { cilium } from "./cilium.ts";
import type { Engine } from "./engine.ts";
import { kubeNetworkPolicies } from "./kube-network-policies.ts";
import { Failure } from "../../process/failure.ts";

/** What a cluster can be started with. */
export const engines: readonly Engine[] = [calico, cilium, kubeNetworkPolicies];

/** The engine of that name; fails with the names there are. */
export function engineNamed(name: string): Engine {
  const found = engines.find((engine) => engine.name === name);
  if (found !== undefined) return found;
  const names = engines.map((engine) => engine.name).join(", ");
  throw new Failure(`no network engine "${name}". Remedy: one of ${names}`);
}
