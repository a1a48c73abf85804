import { describe, expect, it } from "vitest";
import type { Api } from "../../runtime/api.ts";
import { createDiscovery } from "./discovery.ts";
import { POLICY_KINDS } from "./kinds.ts";
import { readPolicies } from "./readPolicies.ts";

const guard = (namespace: string) => ({
  metadata: { name: "guard", uid: "u", generation: 3, namespace },
  spec: { selector: "all()" },
});

const GROUPS = {
  "/apis": {
    groups: [
      { name: "apps", versions: [{ version: "v1" }] },
      { name: "networking.k8s.io", versions: [{ version: "v1" }] },
      {
        name: "policy.networking.k8s.io",
        versions: [{ version: "v1alpha1" }, { version: "v1alpha2" }, { version: "v1beta1" }],
        preferredVersion: { version: "v1beta1" },
      },
      { name: "projectcalico.org", versions: [{ version: "v3" }] },
      { name: "crd.projectcalico.org", versions: [{ version: "v1" }] },
    ],
  },
  "/apis/networking.k8s.io/v1": { resources: [{ name: "ingresses" }, { name: "networkpolicies" }] },
  "/apis/policy.networking.k8s.io/v1alpha1": { resources: [{ name: "adminnetworkpolicies" }] },
  "/apis/policy.networking.k8s.io/v1alpha2": { resources: [{ name: "clusternetworkpolicies" }] },
  "/apis/policy.networking.k8s.io/v1beta1": { resources: [{ name: "clusternetworkpolicies" }] },
  "/apis/projectcalico.org/v3": {
    resources: [{ name: "globalnetworkpolicies" }, { name: "networkpolicies" }],
  },
  "/apis/crd.projectcalico.org/v1": { resources: [{ name: "globalnetworkpolicies" }] },
};

describe("the kinds that are installed", () => {
  function discovery() {
    const asked: string[] = [];
    const answers = new Map<string, unknown>(Object.entries(GROUPS));
    const api: Pick<Api, "get"> = {
      get(path) {
        asked.push(path);
        return Promise.resolve(answers.get(path));
      },
    };
    return { kinds: createDiscovery(api, POLICY_KINDS), asked, answers };
  }

  it("are each read from one group, in the version that the API server prefers", async () => {
    const { kinds, asked } = discovery();
    const paths = (await kinds()).map(({ api, plural }) => `${api}/${plural}`);
    expect(paths).toEqual([
      "/apis/networking.k8s.io/v1/networkpolicies",
      "/apis/policy.networking.k8s.io/v1beta1/clusternetworkpolicies",
      "/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies",
      "/apis/projectcalico.org/v3/networkpolicies",
      "/apis/crd.projectcalico.org/v1/globalnetworkpolicies",
    ]);
    expect(asked).not.toContain("/apis/apps/v1");
  });

  it("are asked for each time, so that a kind counts from the moment when it is installed", async () => {
    const { kinds, answers } = discovery();
    const before = await kinds();
    answers.set("/apis/policy.networking.k8s.io/v1alpha1", {
      resources: [{ name: "adminnetworkpolicies" }, { name: "baselineadminnetworkpolicies" }],
    });
    const installed = (await kinds()).filter(({ plural }) => !before.some((one) => one.plural === plural));
    expect(installed.map(({ plural }) => plural)).toEqual(["baselineadminnetworkpolicies"]);
  });

  it("are listed in each namespace, or once where they are cluster-wide", async () => {
    const { kinds } = discovery();
    const listed: string[] = [];
    const api: Pick<Api, "list"> = {
      list: (path, read) => {
        listed.push(path);
        return Promise.resolve([guard(path.includes("/shop/") ? "shop" : "")].map(read));
      },
    };
    const calico = (await kinds()).filter((kind) => kind.groups.includes("projectcalico.org"));
    const found = await readPolicies(api, calico, ["shop", "data"]);
    expect(listed).toEqual([
      "/apis/projectcalico.org/v3/namespaces/shop/networkpolicies",
      "/apis/projectcalico.org/v3/namespaces/data/networkpolicies",
      "/apis/crd.projectcalico.org/v1/globalnetworkpolicies",
    ]);
    expect([...found].map(([namespace, policies]) => [namespace, policies.length])).toEqual([
      ["shop", 1],
      ["data", 0],
      ["", 2],
    ]);
  });
});
