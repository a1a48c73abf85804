import * as fc from "fast-check";
import { expect, test } from "vitest";

import { hasOption, kernelProblems, parseConfig, parseModules } from "./kernelBuild.ts";

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
