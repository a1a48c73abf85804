import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import type { Problem } from "./problem.ts";

/** What a kernel can be built with: `CONFIG_<option>`, and the module that has it where it is not built in. */
export interface KernelOption {
  readonly option: string;
  readonly module: string;
}

/** How this kernel was built, as far as the machine shows it. */
export interface KernelBuild {
  readonly kernel: string;
  /** Undefined where no configuration can be read. */
  readonly config: ReadonlyMap<string, string> | undefined;
  /** Modules that are loaded, built in or can be loaded; undefined where there is no list. */
  readonly modules: ReadonlySet<string> | undefined;
}

/** A kernel's configuration: the value of each option that is set, without `CONFIG_`. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").flatMap((line) => {
    const [, option, value] = /^CONFIG_(\w+)=(.*)$/.exec(line) ?? [];
    return option === undefined || value === undefined ? [] : [[option, value] as const];
  });
  return new Map(lines);
}

/** The names in modules.dep and modules.builtin: `kernel/net/netfilter/nf_tables.ko.xz: …`; `-` and `_` are the same. */
export function parseModules(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [path = ""] = line.split(":");
    return path.includes(".ko")
      ? [
          basename(path)
            .replace(/\.ko.*$/, "")
            .replaceAll("-", "_"),
        ]
      : [];
  });
}

/**
 * Whether the kernel has an option; undefined where the machine does not show it. In a container, a module of the host's
 * kernel can be loaded though no list shows it.
 */
export function hasOption({ config, modules }: KernelBuild, wanted: KernelOption): boolean | undefined {
  if (modules?.has(wanted.module)) return true;
  if (config === undefined) return modules === undefined ? undefined : false;
  switch (config.get(wanted.option)) {
    case "y":
      return true;
    case "m":
      return modules === undefined ? undefined : false;
    default:
      return false;
  }
}

/** A problem for each option that the kernel surely lacks. */
export function kernelProblems(build: KernelBuild, wanted: readonly KernelOption[]): readonly Problem[] {
  return wanted
    .filter((option) => hasOption(build, option) === false)
    .map(({ option, module }) => {
      const isModule = build.config?.get(option) === "m" || build.config === undefined;
      return {
        subject: `CONFIG_${option}`,
        observation: isModule
          ? `/lib/modules/${build.kernel} has no module ${module}`
          : `Linux ${build.kernel} was built without it`,
        action: isModule
          ? "Install all modules of this kernel (Ubuntu: linux-modules-extra), or reboot if it was upgraded"
          : "Boot a kernel that has it, such as Debian's",
      };
    });
}

/** Reads what there is below `root`: /proc/config.gz or /boot/config-<release>, and the lists of modules. */
export async function readKernelBuild(kernel: string, root = "/"): Promise<KernelBuild> {
  const folder = join(root, "lib/modules", kernel);
  const [packed, plain, loaded, builtin, loadable] = await Promise.all([
    readFile(join(root, "proc/config.gz")).catch(() => undefined),
    textOf(join(root, `boot/config-${kernel}`)),
    textOf(join(root, "proc/modules")),
    textOf(`${folder}/modules.builtin`),
    textOf(`${folder}/modules.dep`),
  ]);
  const config = packed === undefined ? plain : await unpacked(packed);
  return {
    kernel,
    config: config === undefined ? undefined : parseConfig(config),
    modules:
      builtin === undefined || loadable === undefined
        ? undefined
        : new Set([
            ...(loaded ?? "").split("\n").map((line) => line.split(" ")[0] ?? ""),
            ...parseModules(builtin),
            ...parseModules(loadable),
          ]),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

async function unpacked(file: Buffer): Promise<string | undefined> {
  return promisify(gunzip)(file).then(
    (text) => text.toString(),
    () => undefined,
  );
}
