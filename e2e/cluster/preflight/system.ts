import { access, constants, readFile } from "node:fs/promises";
import { platform, release } from "node:os";

import { GO_ELSEWHERE, type Problem } from "./problem.ts";

/** The operating system and the user. */
export interface System extends Distribution {
  /** As Node names it: linux, darwin. */
  readonly platform: string;
  /** As `uname -r` prints it: 6.1.0-18-amd64. */
  readonly kernel: string;
  /** Undefined where the platform has no user IDs. */
  readonly userId: number | undefined;
  readonly hasApt: boolean;
}

interface Distribution {
  /** Its name and version for people. */
  readonly distribution: string;
  /** Whether it is Debian or a derivative. */
  readonly isDebian: boolean;
  /** The name of its release in the addresses of mirrors, such as bookworm. */
  readonly codename: string | undefined;
}

/** kube-proxy's nftables mode does not start on an older one (NFTablesKubeProxyKernelVersion in its sources). */
const OLDEST_KERNEL = [5, 13] as const;

export async function readSystem(): Promise<System> {
  const [osRelease, hasApt] = await Promise.all([
    readFile("/etc/os-release", "utf8").catch(() => undefined),
    access("/usr/bin/apt-get", constants.X_OK).then(
      () => true,
      () => false,
    ),
  ]);
  const userId = process.getuid?.();
  return { platform: platform(), kernel: release(), userId, hasApt, ...distributionOf(osRelease) };
}

/** Reads /etc/os-release (os-release(5)); a machine without that file may still be a Debian. */
export function distributionOf(osRelease: string | undefined): Distribution {
  const lines = (osRelease ?? "").split("\n").map((line) => {
    const [key = "", ...value] = line.split("=");
    return [key, value.join("=").replaceAll(/^["']|["']$/g, "")] as const;
  });
  const fields = new Map(lines);
  const families = [fields.get("ID"), ...(fields.get("ID_LIKE") ?? "").split(" ")];
  return {
    distribution: fields.get("PRETTY_NAME") ?? fields.get("ID") ?? "this distribution",
    isDebian: osRelease === undefined || families.includes("debian"),
    codename: fields.get("VERSION_CODENAME"),
  };
}

/** @param packages Debian packages that are to be installed */
export function systemProblems(system: System, packages: readonly string[]): readonly Problem[] {
  const { kernel, userId, isDebian, hasApt } = system;
  return [
    ...(userId === 0 ? [] : [notRoot(userId)]),
    ...(isNewEnough(kernel) ? [] : [oldKernel(kernel)]),
    ...((isDebian && hasApt) || packages.length === 0 ? [] : [notDebian(system, packages)]),
  ];
}

/** The one problem of a machine without Linux: nothing else is worth looking at there. */
export function notLinux(name: string): Problem {
  return {
    subject: "operating system",
    observation: `the test cluster needs Linux, and this is ${name}`,
    action: GO_ELSEWHERE,
  };
}

/** Namespaces and mounts need root, and a cluster's files are root's. */
export function notRoot(userId: number | undefined): Problem {
  return {
    subject: "user",
    observation: `namespaces and mounts need root, and this process runs as user ${userId ?? "unknown"}`,
    action: "Run the command with sudo",
  };
}

function oldKernel(kernel: string): Problem {
  return {
    subject: "kernel",
    observation: `kube-proxy needs Linux ${OLDEST_KERNEL.join(".")} or later, and this is ${kernel}`,
    action: "Boot a newer kernel, such as that of Debian 12",
  };
}

function notDebian({ distribution, isDebian }: System, packages: readonly string[]): Problem {
  const names = packages.join(", ");
  return isDebian
    ? {
        subject: "apt-get",
        observation: `there is none in /usr/bin, and these packages are missing: ${names}`,
        action: "Install the packages in another way",
      }
    : {
        subject: "distribution",
        observation: `${distribution} is not Debian or a derivative, from which these packages come: ${names}`,
        action: GO_ELSEWHERE,
      };
}

function isNewEnough(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  return major > OLDEST_KERNEL[0] || (major === OLDEST_KERNEL[0] && minor >= OLDEST_KERNEL[1]);
}
