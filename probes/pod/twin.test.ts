import { describe, expect, it } from "vitest";
import { twinSchema } from "../../crds/proberun/plannedpod.ts";
import { twinOf, type SourcePod } from "./twin.ts";

const pod = (more: { metadata?: object; spec?: object } = {}): SourcePod => ({
  metadata: { labels: {}, annotations: {}, ...more.metadata },
  spec: { nodeName: "", serviceAccountName: "default", tolerations: [], hostAliases: [], ...more.spec },
});

describe("the twin of a pod", () => {
  it("has its labels, less those of its controller", () => {
    const labels = {
      app: "ui",
      "app.kubernetes.io/name": "ui",
      "security.istio.io/tlsMode": "istio",
      "pod-template-hash": "abc",
      "controller-revision-hash": "abc",
      "pod-template-generation": "1",
      "statefulset.kubernetes.io/pod-name": "ui-0",
      "apps.kubernetes.io/pod-index": "0",
      "batch.kubernetes.io/controller-uid": "u",
      "batch.kubernetes.io/job-completion-index": "0",
      "controller-uid": "u",
      "job-name": "j",
    };
    expect(twinOf(pod({ metadata: { labels } })).labels).toEqual({
      app: "ui",
      "app.kubernetes.io/name": "ui",
      "security.istio.io/tlsMode": "istio",
    });
  });

  it("has its network annotations and no other", () => {
    const annotations = {
      "cni.projectcalico.org/ipv4pools": '["blue"]',
      "k8s.v1.cni.cncf.io/networks": "macvlan",
      "cni.projectcalico.org/ipAddrs": '["192.0.2.7"]',
      "cni.projectcalico.org/podIP": "192.0.2.7/32",
      "prometheus.io/scrape": "true",
      "vault.hashicorp.com/agent-inject": "true",
    };
    expect(twinOf(pod({ metadata: { annotations } })).annotations).toEqual({
      "cni.projectcalico.org/ipv4pools": '["blue"]',
      "k8s.v1.cni.cncf.io/networks": "macvlan",
    });
  });

  it("has its place, its name resolution and its service account", () => {
    const spec = {
      nodeName: "worker-1",
      serviceAccountName: "ui",
      runtimeClassName: "gvisor",
      tolerations: [{ key: "edge", operator: "Exists" }],
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["192.0.2.53"] },
      hostAliases: [{ ip: "192.0.2.9", hostnames: ["old"] }],
    };
    const twin = twinOf(pod({ spec }));
    expect(twin).toEqual({ labels: {}, annotations: {}, imagePullSecrets: [], ...spec });
    expect(twinSchema.parse(twin)).toEqual(twin);
  });

  it("leaves out what the pod does not say", () => {
    expect(twinOf(pod())).toEqual({
      labels: {},
      annotations: {},
      serviceAccountName: "default",
      imagePullSecrets: [],
      tolerations: [],
      hostAliases: [],
    });
  });
});
