import { attempt } from "../../process/command.ts";
import { messageOf } from "../../process/failure.ts";
import type { EngineName } from "../build/groups.ts";
import type { KernelOption } from "./kernelBuild.ts";
import { GO_ELSEWHERE, type Problem } from "./problem.ts";

/** What a container or a hardened host may withhold from root, or the kernel lack. */
interface Permission {
  readonly subject: string;
  /** The observation where it is not given. */
  readonly lack: string;
  readonly action?: string;
}

/** Something that root does in a namespace, tried as the cluster does it. */
export interface Right extends Permission {
  /** Of the shell. */
  readonly command: string;
  /** The Debian package of the tool that tries it, which may have to be installed first. */
  readonly package?: string;
  /** What the kernel needs for it, to look for before the tool is there. */
  readonly options?: readonly KernelOption[];
}

/** Namespaces that root creates, and what it does there. */
export interface Place extends Permission {
  /** Of unshare(1). */
  readonly flags: readonly string[];
  readonly rights: readonly Right[];
}

/** What was tried in vain, and what was said of it. */
export interface Refusal {
  readonly refused: Permission;
  readonly said: string;
}

const links: Right = {
  subject: "veth pairs and bridges",
  lack: "root cannot create them in a network namespace",
  command: "ip link add name a type veth peer name b && ip link add name c type bridge",
  package: "iproute2",
  options: [
    { option: "VETH", module: "veth" },
    { option: "BRIDGE", module: "bridge" },
  ],
};

const NAT_RULE = [
  "add table ip netverdict",
  "add chain ip netverdict nat { type nat hook postrouting priority 100; }",
  "add rule ip netverdict nat ct state new masquerade",
].join("; ");

const nftables: Right = {
  subject: "nftables",
  lack: "root cannot add a rule with address translation in a network namespace",
  command: `nft '${NAT_RULE}'`,
  package: "nftables",
  options: [
    { option: "NF_TABLES", module: "nf_tables" },
    { option: "NF_CONNTRACK", module: "nf_conntrack" },
  ],
};

const ipSets: Right = {
  subject: "IP sets",
  lack: "root cannot list them in a network namespace",
  command: "ipset list -name",
  package: "ipset",
  options: [{ option: "IP_SET", module: "ip_set" }],
};

const conntrack: Right = {
  subject: "connection tracking",
  lack: "root cannot list connections in a network namespace",
  command: "conntrack -L",
  package: "conntrack",
  options: [{ option: "NF_CT_NETLINK", module: "nf_conntrack_netlink" }],
};

const tmpfs: Right = {
  subject: "tmpfs",
  lack: "root cannot mount one in a mount namespace",
  command: "mount -t tmpfs tmpfs /run && mount --make-rshared /",
};

const overlay: Right = {
  subject: "overlay file system",
  lack: "root cannot mount one whose upper layer is in /var/tmp",
  action: `Put /var/tmp on a disk with ext4, xfs or btrfs, which a container's own root is not. Else: ${GO_ELSEWHERE}`,
  command: `d=$(mktemp -d -p /var/tmp netverdict-try-XXXXXX) && mkdir $d/upper $d/work &&
mount -t overlay overlay -o lowerdir=/var/lib,upperdir=$d/upper,workdir=$d/work /var/lib && umount /var/lib
code=$?; rm -rf $d; exit $code`,
};

const bpf: Right = {
  subject: "BPF file system",
  lack: "root cannot mount one in a mount namespace",
  command: "mount -t bpf bpf /sys/fs/bpf",
};

const QUEUE_RULE = [
  "add table inet netverdict",
  "add chain inet netverdict out { type filter hook postrouting priority 95; }",
  "add rule inet netverdict out queue num 100",
].join("; ");

/** For the rules of kube-network-policies. Where the kernel rejects them, this engine goes on and enforces nothing. */
const packetQueue: Right = {
  subject: "CONFIG_NFT_QUEUE",
  lack: "the kernel rejects nftables rules that hand packets to a program",
  action: "Boot a kernel that has this option, such as Debian's, or use another engine: --cni calico",
  command: `nft '${QUEUE_RULE}'`,
  package: "nftables",
  options: [{ option: "NFT_QUEUE", module: "nft_queue" }],
};

/** What only some engines need. */
const ENGINE_RIGHTS: Readonly<Record<EngineName, Readonly<Record<"network" | "mount", readonly Right[]>>>> = {
  calico: { network: [], mount: [] },
  cilium: { network: [], mount: [bpf] },
  "kube-network-policies": { network: [packetQueue], mount: [] },
};

/** What this engine needs and not every other one, by the subjects of its problems. */
export function ownSubjects(engine: EngineName): readonly string[] {
  return Object.values(ENGINE_RIGHTS[engine]).flatMap((rights) => rights.map(({ subject }) => subject));
}

/** What a cluster with this engine needs on a host with this version of cgroups. */
export function placesOf(engine: EngineName, cgroupVersion: 1 | 2): readonly Place[] {
  const own = ENGINE_RIGHTS[engine];
  const network: Place = {
    subject: "network namespaces",
    lack: "root cannot create one",
    flags: ["--net"],
    rights: [links, nftables, ipSets, conntrack, ...own.network],
  };
  const mount: Place = {
    subject: "process and mount namespaces",
    lack: "root cannot create them",
    flags: ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
    rights: [tmpfs, overlay, ...own.mount],
  };
  // containerd gives a container a cgroup namespace on a host with cgroup v2 alone.
  const [name, flags] =
    cgroupVersion === 2
      ? ["host name, IPC and cgroup namespaces", ["--uts", "--ipc", "--cgroup"]]
      : ["host name and IPC namespaces", ["--uts", "--ipc"]];
  return [network, mount, { subject: name, lack: "root cannot create them", flags, rights: [] }];
}

/**
 * Tries to create all namespaces, and there one after the other what can be tried; without anything that stays. Where a
 * namespace cannot be created, what would be done there is not tried. It takes 0.1 s, and more than 4 s on a machine with a
 * load of 40 (measured): only after `seconds` it counts as refused.
 */
export async function tryPlaces(
  places: readonly Place[],
  canBeTried: (right: Right) => boolean,
  seconds = 60,
): Promise<readonly Refusal[]> {
  const refusals = places.map(async (place) =>
    tryPlace({ ...place, rights: place.rights.filter(canBeTried) }, seconds),
  );
  return (await Promise.all(refusals)).flat();
}

/** The script's last line: without it the namespaces were not created, or not everything was tried. */
const DONE = "done";

async function tryPlace(place: Place, seconds: number): Promise<readonly Refusal[]> {
  const { flags, rights } = place;
  const script = [...rights.map(({ command }, i) => attemptOf(command, i)), `echo ${DONE}`].join("\n");
  const { stdout, stderr } = await attempt("unshare", [...flags, "sh", "-c", script], { seconds }).catch(
    // The message ends with the reason: before that it has the whole script.
    (error: unknown) => ({ stdout: "", stderr: messageOf(error).trim().split("\n").at(-1) ?? "" }),
  );
  const lines = stdout.trim().split("\n");
  if (lines.at(-1) !== DONE) return [{ refused: place, said: firstLine(stderr) }];
  return lines.flatMap((line) => {
    const [, number, said = ""] = /^(\d+) ?(.*)$/.exec(line) ?? [];
    const refused = rights[Number(number)];
    return refused === undefined ? [] : [{ refused, said: firstLine(said) }];
  });
}

/** A line with the number of a command that fails, and the first line of what it says. */
function attemptOf(command: string, number: number): string {
  return `said=$( (${command}) 2>&1 >/dev/null ) || echo "${number} $said" | head -n 1`;
}

function firstLine(said: string): string {
  return said.trim().split("\n")[0] || "without a message";
}

export function rightProblems(refusals: readonly Refusal[]): readonly Problem[] {
  return refusals.map(({ refused: { subject, lack, action = GO_ELSEWHERE }, said }) => {
    return { subject, observation: `${lack} (${said})`, action };
  });
}
