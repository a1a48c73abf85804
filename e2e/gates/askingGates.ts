import { parse } from "yaml";

import { gateRecipe, RECIPE_SECRET } from "../../operator/testing/gateRecipe.ts";
import type { Decision } from "./states.ts";

/** What a gate asks for, in place of what the example in docs/gates.md has. */
export interface Asked {
  /** Where the operator's Service is, such as `http://127.0.0.1:8443`. */
  readonly origin: string;
  /** The ConnectivityTest, in the namespace shop. */
  readonly name: string;
  readonly secret: string;
  /** The query of the URL. Default: that of the example. */
  readonly query?: string;
}

/** A gate that asks the gate endpoint, configured as docs/gates.md recommends. */
export interface AskingGate {
  readonly title: string;
  /** The folder with the Go program that asks with the gate's own code. */
  readonly folder: string;
  /** What the gate may do if its code says this word. */
  readonly decisions: Readonly<Record<string, readonly Decision[]>>;
  /** Returns the object that the program reads. */
  readonly question: (asked: Asked) => object;
}

const SERVICE = "http://netverdict.netverdict-system:8443";
const VERSION = "7f9c4d";

export const argoRollouts: AskingGate = {
  title: "Argo Rollouts 1.10.1 (web metric)",
  folder: "argorollouts",
  decisions: {
    Successful: ["go on"],
    Failed: ["stop"],
    // It measures again, and pauses the rollout if there is nothing else after `count` measurements.
    Inconclusive: ["wait", "stop"],
    Error: ["stop"],
  },
  question: ({ origin, name, secret, query }) => {
    const recipe = gateRecipe("Argo Rollouts")
      .replace(SERVICE, origin)
      .replace("/shop/web?", `/shop/${name}?`)
      .replace(/(?<=\?)token=[^"]*/, (own) => query ?? own);
    const template: unknown = parse(recipe);
    const args = [
      { name: "hash", value: VERSION },
      { name: "revision", value: "2" },
      { name: "secret", value: secret },
    ];
    return { template, args };
  },
};

const flagger: AskingGate = {
  title: "Flagger 1.36.1 (webhook)",
  folder: "flagger",
  // It has no "not yet": a check that halts is counted, and repeated.
  decisions: { "goes on": ["go on"], halts: ["wait", "stop"] },
  question: ({ origin, name, secret }) => {
    const spec: unknown = parse(
      gateRecipe("Flagger")
        .replace(SERVICE, origin)
        .replace("test: web", `test: ${name}`)
        .replace(RECIPE_SECRET, secret),
    );
    const metadata = { name: "web", namespace: "shop" };
    return { metadata, spec, status: { lastAppliedSpec: VERSION } };
  },
};

export const askingGates: readonly AskingGate[] = [argoRollouts, flagger];
