const KUBERNETES = "1.36.3";
const CONTAINERD = "2.4.2";
const CALICO = "3.32.1";
const CILIUM = "1.20.2";

/** Programs that come from one Go module file: `go/<name>/go.mod` with a `tool` line for each. */
export interface Group {
  readonly name: GroupName | EngineName;
  readonly version: string;
  /** `-X` settings of the linker, without which the program tells a wrong version of itself. */
  readonly variables?: readonly string[];
  /** What to build; the module's tools if absent. */
  readonly packages?: readonly string[];
  /** Name of the one program, where the package path's last part is not it. */
  readonly program?: string;
  /** Files and folders of a module that are needed beside the programs. */
  readonly files?: { readonly module: string; readonly paths: readonly string[] };
  /** Roughly, from nothing, on two cores. */
  readonly coldSeconds: number;
}

const COMPONENT_BASE = "k8s.io/component-base/version";

/** The groups of every cluster, the longest build first. */
export const groups = {
  kubernetes: {
    name: "kubernetes",
    version: KUBERNETES,
    variables: [
      `${COMPONENT_BASE}.gitVersion=v${KUBERNETES}`,
      `${COMPONENT_BASE}.gitMajor=1`,
      `${COMPONENT_BASE}.gitMinor=36`,
    ],
    coldSeconds: 270,
  },
  coredns: { name: "coredns", version: "1.15.0", coldSeconds: 85 },
  containerd: {
    name: "containerd",
    version: CONTAINERD,
    variables: [`github.com/containerd/containerd/v2/version.Version=${CONTAINERD}`],
    coldSeconds: 60,
  },
  // Its package path ends in server/v3: without a name the program would be called "server".
  etcd: { name: "etcd", version: "3.7.3", program: "etcd", coldSeconds: 35 },
  cni: { name: "cni", version: "1.9.1", coldSeconds: 5 },
  own: { name: "own", version: "1", packages: ["./..."], coldSeconds: 5 },
} as const satisfies Record<string, Omit<Group, "name"> & { readonly name: string }>;

export type GroupName = keyof typeof groups;

const CILIUM_MODULE = "github.com/cilium/cilium";

/** The groups of which a cluster has one: what connects its pods. */
export const engineGroups = {
  calico: {
    name: "calico",
    version: CALICO,
    variables: [`github.com/projectcalico/calico/pkg/buildinfo.Version=v${CALICO}`],
    files: { module: "github.com/projectcalico/calico", paths: ["manifests/crds.yaml"] },
    coldSeconds: 160,
  },
  // The agent's package is called daemon. It compiles the sources in `bpf` for each pod's link.
  cilium: {
    name: "cilium",
    version: CILIUM,
    variables: [`${CILIUM_MODULE}/pkg/version.ciliumVersion=${CILIUM}`],
    packages: [`${CILIUM_MODULE}/daemon`, `${CILIUM_MODULE}/plugins/cilium-cni`],
    files: { module: CILIUM_MODULE, paths: ["bpf", "pkg/k8s/apis/cilium.io/client/crds"] },
    coldSeconds: 270,
  },
} as const satisfies Record<string, Omit<Group, "name"> & { readonly name: string }>;

export type EngineName = keyof typeof engineGroups;
