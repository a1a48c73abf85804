const KUBERNETES = "1.36.3";
const CONTAINERD = "2.3.7";
/** Not a release: the commit of Calico's branch release-v3.28 that go/calico/go.mod names, the newest that module proxies serve. */
const CALICO = "release-v3.28-a0db560f0520";
const CILIUM = "1.20.2";
const KUBE_NETWORK_POLICIES = "0.8.0";

/** Programs that come from one Go module file: `go/<name>/go.mod`. */
export interface Group {
  readonly name: "base" | EngineName;
  readonly version: string;
  /** What is built, as a person reads it. */
  readonly title: string;
  /** `-X` settings of the linker, without which a program reports a wrong version of itself. */
  readonly variables?: readonly string[];
  /** What to build: packages, or `tool` for the module's tools. */
  readonly packages: readonly string[];
  /** Programs that are several in one: the names that each is called by beside its own. */
  readonly links?: Readonly<Record<string, readonly string[]>>;
  /** Files and folders of a module that are needed beside the programs. */
  readonly files?: { readonly module: string; readonly paths: readonly string[] };
  /** From nothing, on two quiet cores: docs/bench.md. */
  readonly coldSeconds: number;
  /** How many Go packages it compiles: with the base, from nothing; of an engine, those that the base did not compile. */
  readonly packageCount: number;
}

const COMPONENT_BASE = "k8s.io/component-base/version";

/** What every cluster has: Kubernetes, etcd, containerd, CoreDNS, CNI plugins, and two small programs of ours. */
export const base = {
  name: "base",
  version: KUBERNETES,
  title: `Kubernetes ${KUBERNETES} with etcd, containerd and CoreDNS`,
  variables: [
    `${COMPONENT_BASE}.gitVersion=v${KUBERNETES}`,
    `${COMPONENT_BASE}.gitMajor=1`,
    `${COMPONENT_BASE}.gitMinor=36`,
    `github.com/containerd/containerd/v2/version.Version=${CONTAINERD}`,
  ],
  packages: ["./...", "tool"],
  links: {
    kubernetes: ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"],
    containerd: ["ctr"],
  },
  coldSeconds: 350,
  packageCount: 3400,
} as const satisfies Group;

const CILIUM_MODULE = "github.com/cilium/cilium";

/** The groups of which a cluster has one: what connects its pods. */
export const engineGroups = {
  calico: {
    name: "calico",
    version: CALICO,
    title: `Calico ${CALICO}`,
    variables: [`github.com/projectcalico/calico/felix/buildinfo.GitVersion=${CALICO}`],
    packages: ["tool"],
    files: { module: "github.com/projectcalico/calico", paths: ["manifests/crds.yaml"] },
    coldSeconds: 100,
    packageCount: 950,
  },
  // The agent's package is called daemon. It compiles the sources in `bpf` for each pod's link.
  cilium: {
    name: "cilium",
    version: CILIUM,
    title: `Cilium ${CILIUM}`,
    variables: [`${CILIUM_MODULE}/pkg/version.ciliumVersion=${CILIUM}`],
    packages: ["tool"],
    files: { module: CILIUM_MODULE, paths: ["bpf", "pkg/k8s/apis/cilium.io/client/crds"] },
    coldSeconds: 270,
    packageCount: 1900,
  },
  // The engine that kind uses, and the CNI plugin that connects its pods there.
  "kube-network-policies": {
    name: "kube-network-policies",
    version: KUBE_NETWORK_POLICIES,
    title: `kube-network-policies ${KUBE_NETWORK_POLICIES}`,
    packages: ["./...", "tool"],
    coldSeconds: 120,
    packageCount: 630,
  },
} as const satisfies Record<string, Omit<Group, "name"> & { readonly name: string }>;

export type EngineName = keyof typeof engineGroups;
