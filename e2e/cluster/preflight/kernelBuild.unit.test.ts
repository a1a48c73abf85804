import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { hasOption, kernelProblems, parseConfig, parseModules, readKernelBuild } from "./kernelBuild.ts";

const option = { option: "NF_TABLES", module: "nf_tables" };
const kernel = "6.1.0";

test("a configuration is read with the options that are set", () => {
  const config = parseConfig(
    '# CONFIG_DUMMY is not set\nCONFIG_NF_TABLES=m\nCONFIG_HZ=250\nCONFIG_X="a=b"\n',
  );
  expect([...config]).toEqual([
    ["NF_TABLES", "m"],
    ["HZ", "250"],
    ["X", '"a=b"'],
  ]);
});

test("lists of modules are read by name, packed or not", () => {
  const dep = "kernel/net/nf_tables.ko.xz: kernel/net/nfnetlink.ko.xz\nkernel/net/ip-set.ko:\n\n";
  expect(parseModules(dep)).toEqual(["nf_tables", "ip_set"]);
});

test.each([
  { name: "built in", config: "y", modules: undefined, has: true },
  { name: "built as a module that can be loaded", config: "m", modules: ["nf_tables"], has: true },
  { name: "built as a module that is not installed", config: "m", modules: ["other"], has: false },
  { name: "built as a module, without a list of modules", config: "m", modules: undefined, has: undefined },
  { name: "not built", config: "", modules: undefined, has: false },
  { name: "not built, but there as a module from elsewhere", config: "", modules: ["nf_tables"], has: true },
  { name: "not known, without a configuration", config: undefined, modules: undefined, has: undefined },
  { name: "a module, without a configuration", config: undefined, modules: ["nf_tables"], has: true },
  { name: "in no list, without a configuration", config: undefined, modules: ["other"], has: false },
])("an option that is $name: $has", ({ config, modules, has }) => {
  const build = {
    kernel,
    config: config === undefined ? undefined : new Map([["NF_TABLES", config]]),
    modules: modules && new Set(modules),
  };
  expect(hasOption(build, option)).toBe(has);
  expect(kernelProblems(build, [option])).toHaveLength(has === false ? 1 : 0);
});

test("a kernel of which nothing is known has no problem", () => {
  const options = fc.array(fc.record({ option: fc.string(), module: fc.string() }));
  fc.assert(
    fc.property(options, (wanted) => {
      expect(kernelProblems({ kernel, config: undefined, modules: undefined }, wanted)).toEqual([]);
    }),
  );
});

test.each([
  { config: new Map<string, string>(), modules: undefined, observation: "Linux 6.1.0 was built without it" },
  {
    config: undefined,
    modules: new Set<string>(),
    observation: "/lib/modules/6.1.0 has no module nf_tables",
  },
])("says what is missing: $observation", ({ observation, ...build }) => {
  expect(kernelProblems({ kernel, ...build }, [option])).toMatchObject([{ observation }]);
});

const QUEUE = { option: "NFT_QUEUE", module: "nft_queue" };
const BUILT_IN = "CONFIG_NFT_QUEUE=y\n";
const AS_MODULE = "CONFIG_NFT_QUEUE=m\n";
const NOT_BUILT = "CONFIG_NF_TABLES=y\n# CONFIG_NFT_QUEUE is not set\n";
const MODULES = "lib/modules/6.1.0";
const packed = (config: string) => ({ "proc/config.gz": gzipSync(config) });
const plain = (config: string) => ({ "boot/config-6.1.0": config });
const modules = (dep: string, loaded = "") => ({
  [`${MODULES}/modules.dep`]: dep,
  [`${MODULES}/modules.builtin`]: "kernel/net/netfilter/nf_tables.ko\n",
  "proc/modules": loaded,
});
const LOADABLE = "kernel/net/netfilter/nft_queue.ko.xz: kernel/net/netfilter/nf_tables.ko.xz\n";
const OTHER = "kernel/net/bridge/bridge.ko.xz:\n";

test.each<{ name: string; files: Readonly<Record<string, string | Buffer>>; has: boolean | undefined }>([
  { name: "config.gz with the option", files: packed(BUILT_IN), has: true },
  { name: "config.gz without it", files: packed(NOT_BUILT), has: false },
  { name: "config.gz that is no archive", files: { "proc/config.gz": "none" }, has: undefined },
  { name: "/boot/config with the option", files: plain(BUILT_IN), has: true },
  { name: "/boot/config without it", files: plain(NOT_BUILT), has: false },
  {
    name: "/boot/config of another kernel",
    files: { "boot/config-5.9.0": BUILT_IN, "boot/config-6.1.0-rc1": BUILT_IN },
    has: undefined,
  },
  {
    name: "both, of which config.gz counts",
    files: { ...packed(NOT_BUILT), ...plain(BUILT_IN) },
    has: false,
  },
  { name: "a module that can be loaded", files: { ...plain(AS_MODULE), ...modules(LOADABLE) }, has: true },
  { name: "a module that is loaded", files: modules(OTHER, "nft_queue 16384 2 - Live 0x0\n"), has: true },
  { name: "a module that is not installed", files: { ...plain(AS_MODULE), ...modules(OTHER) }, has: false },
  { name: "a module, without lists of modules", files: packed(AS_MODULE), has: undefined },
  { name: "lists of modules alone, without it", files: modules(OTHER), has: false },
  { name: "nothing", files: {}, has: undefined },
])("reads whether a kernel can hand packets to a program from $name: $has", async ({ files, has }) => {
  const root = await mkdtemp(join(tmpdir(), "netverdict-kernel-"));
  onTestFinished(async () => rm(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const build = await readKernelBuild(kernel, root);
  expect(hasOption(build, QUEUE)).toBe(has);
  expect(kernelProblems(build, [QUEUE]).map(({ subject }) => subject)).toEqual(
    has === false ? ["CONFIG_NFT_QUEUE"] : [],
  );
});
