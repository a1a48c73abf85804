import { describe, expect, it } from "vitest";
import { twinSchema } from "../../crds/proberun/plannedpod.ts";
import { LEFT_OUT_LABELS } from "./leftOutLabels.ts";
import { networkProblem, twinOf, type SourcePod } from "./twin.ts";

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

  it.each(LEFT_OUT_LABELS.flatMap(({ labels, reason }) => labels.map((label) => [label, reason] as const)))(
    "does not have %s (%s)",
    (label) => {
      const key = label.endsWith("/") ? `${label}name` : label;
      expect(twinOf(pod({ metadata: { labels: { app: "ui", [key]: "x" } } })).labels).toEqual({ app: "ui" });
    },
  );

  it("has labels that are only like one that is left out", () => {
    const labels = { "kueue.x-k8s.io": "x", "example.com/job-name": "x", "job-names": "x", queue: "x" };
    expect(twinOf(pod({ metadata: { labels } })).labels).toEqual(labels);
  });

  it.each([
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "karpenter.sh/do-not-disrupt",
    "karpenter.sh/do-not-evict",
    "scheduling.k8s.io/group-name",
    "scheduling.volcano.sh/group-name",
    "kueue.x-k8s.io/retriable-in-group",
    "descheduler.alpha.kubernetes.io/evict",
    "cni.projectcalico.org/floatingIPs",
    "cni.projectcalico.org/hwAddr",
    "ovn.kubernetes.io/ip_address",
    "ovn.kubernetes.io/mac_address",
    "sidecar.istio.io/inject",
  ])("does not have the annotation %s", (annotation) => {
    expect(twinOf(pod({ metadata: { annotations: { [annotation]: "false" } } })).annotations).toEqual({});
  });

  it("joins the networks of its pod without the pod's addresses", () => {
    const annotations = {
      "k8s.v1.cni.cncf.io/networks":
        '[{"name": "plant", "ips": ["192.0.2.10/24"], "mac": "c2:b0:57:49:47:f1"}]',
      "v1.multus-cni.io/default-network": "kube-system/calico",
    };
    expect(twinOf(pod({ metadata: { annotations } })).annotations).toEqual({
      "k8s.v1.cni.cncf.io/networks": '[{"name":"plant"}]',
      "v1.multus-cni.io/default-network": "kube-system/calico",
    });
    expect(networkProblem({ labels: {}, annotations })).toBeUndefined();
  });

  it("joins none that cannot be read, and there is a reason for it", () => {
    const annotations = { "k8s.v1.cni.cncf.io/networks": '[{"name": "plant"' };
    expect(twinOf(pod({ metadata: { annotations } })).annotations).toEqual({});
    expect(networkProblem({ labels: {}, annotations })).toBe(
      "the annotation k8s.v1.cni.cncf.io/networks of its pod is not a JSON list of networks with a name",
    );
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
