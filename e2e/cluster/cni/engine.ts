import type { Binaries } from "../build/binaries.ts";
import type { EngineName, Group } from "../build/groups.ts";
import type { Kubectl } from "../../kube/kubectl.ts";
import type { Spec } from "../nodes/spec.ts";
import type { Component, Supervision } from "../nodes/supervision.ts";

/** What an engine gets to work with. */
export interface EngineContext {
  readonly spec: Spec;
  readonly folders: Binaries;
  readonly kubectl: Kubectl;
  readonly on: Supervision;
  /** Starts a component inside a node. */
  readonly startOn: (i: number, component: Component) => Promise<void>;
}

/** A user that the API server authenticates by a certificate. */
export interface User {
  /** Of the certificate, and of the kubeconfig that is written with it. */
  readonly file: string;
  /** As openssl writes it: /O=organisation/CN=name. */
  readonly subject: string;
}

/** What connects pods and enforces NetworkPolicies. */
export interface Engine {
  readonly name: EngineName;
  /** Built only for a cluster with this engine; the folder's CNI plugins are found by containerd. */
  readonly programs: Group;
  /** Lists of Debian packages, beside debian-packages.txt, that nothing but this engine needs. */
  readonly packageLists: readonly string[];
  readonly users: readonly User[];
  /** Creates what the engine keeps in the API; called once, when the API server is ready. */
  install(context: EngineContext): Promise<void>;
  /**
   * Starts the engine on a node, after `install`. The CNI configuration, and with it Node Ready, comes last: only once
   * policies are enforced, so that no pod ever starts before that.
   */
  startNode(context: EngineContext, i: number): Promise<void>;
}
