import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { RUNNER_COMMAND } from "../../probes/pod/podBase.ts";
import { attempt, run, type Outcome } from "../process/command.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs a program in its own folder without any setting, so that it ends with a message about the first one. */
async function start(folder: string, program: string, ...options: readonly string[]): Promise<Outcome> {
  return attempt(process.execPath, [...options, program], { cwd: folder, env: {}, seconds: 30 });
}

/** An option of Node with which no setting can be read, which none of the programs expects. */
const UNREADABLE_SETTINGS = `--import=data:text/javascript,${encodeURIComponent(`
  process.env = new Proxy({ ...process.env, NETVERDICT_CHECKS: "", NETVERDICT_PROBE_IMAGE: "" }, {
    get(environment, name) {
      if (String(name).startsWith("NETVERDICT_")) throw new Error("a fault on purpose");
      return environment[name];
    },
  });`)}`;

describe("the bundles of the image", () => {
  let folder = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "netverdict-bundles-"));
    // As the Dockerfile does.
    const rolldown = join(ROOT, "node_modules/.bin/rolldown");
    await run(rolldown, ["--config", "rolldown.config.ts", "--dir", folder], { cwd: ROOT, seconds: 120 });
  }, 120_000);
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  it("are three programs with their source maps and licenses, and the program that the runner starts", async () => {
    expect((await readdir(folder)).toSorted()).toEqual([
      "THIRD-PARTY-LICENSES.netverdict.txt",
      "THIRD-PARTY-LICENSES.operator.txt",
      "THIRD-PARTY-LICENSES.runner.txt",
      "netverdict.mjs",
      "netverdict.mjs.map",
      "operator.mjs",
      "operator.mjs.map",
      "runner.mjs",
      "runner.mjs.map",
      "tcp.pl",
    ]);
  });

  it.each([
    { program: "operator.mjs", setting: "NETVERDICT_PROBE_IMAGE" },
    { program: "runner.mjs", setting: "NETVERDICT_CHECKS" },
  ])(
    "$program starts in a folder without packages, and misses its first setting",
    async ({ program, setting }) => {
      const { code, stderr } = await start(folder, program);
      expect(stderr).toContain(setting);
      expect(code).toBe(1);
    },
  );

  it("netverdict.mjs starts in a folder without packages, and misses its kubeconfig", async () => {
    const environment = { HOME: folder };
    const program = join(folder, "netverdict.mjs");
    const { code, stderr } = await attempt(process.execPath, [program, "get"], { env: environment });
    expect(stderr).toContain("kubeconfig: there is no file");
    expect(code).toBe(3);
  });

  it("the runner has only the schemas that it uses", async () => {
    const runner = await readFile(join(folder, "runner.mjs"), "utf8");
    expect(runner).toContain("checkSchema = ");
    expect(runner).not.toContain("connectivityTestSchema = ");
    expect(runner).not.toContain("plannedPathSchema = ");
  });

  it("a program without its packages does not start, so the test above can fail", async () => {
    const alone = await mkdtemp(join(tmpdir(), "netverdict-alone-"));
    await cp(join(ROOT, "operator/main.ts"), join(alone, "main.ts"));
    expect((await start(alone, "main.ts")).stderr).toContain("Cannot find package");
    await rm(alone, { recursive: true });
  });

  it.each([
    {
      program: "operator.mjs",
      calls: [
        { file: "operator/config.ts", code: "Object.entries(environment)" },
        { file: "operator/main.ts", code: "return readConfig(process.env)" },
      ],
    },
    {
      program: "runner.mjs",
      calls: [{ file: "probes/runner/main.ts", code: "runnerEnvironmentSchema.parse(process.env)" }],
    },
  ])("an uncaught error of $program names the lines of its sources", async ({ program, calls }) => {
    const { code, stderr } = await start(folder, program, UNREADABLE_SETTINGS);
    expect(stderr).toContain("a fault on purpose");
    expect(code).toBe(1);
    for (const call of calls) expect(stderr).toContain(`${call.file}:${await lineOf(call)}:`);
    expect(stderr).not.toContain(program);
  });

  it.each([
    {
      program: "operator",
      packages: ["@kubernetes/client-node", "hono", "prom-client", "undici", "winston", "zod"],
    },
    { program: "runner", packages: ["p-limit", "zod"] },
    { program: "netverdict", packages: ["cli-table3", "commander", "leven", "undici", "yaml", "zod"] },
  ])("the licenses of $program have that of each package", async ({ program, packages }) => {
    const text = await readFile(join(folder, `THIRD-PARTY-LICENSES.${program}.txt`), "utf8");
    for (const name of packages) expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  });

  it("hold no package that the bill of materials of SECURITY.md lacks", async () => {
    const [, command = ""] =
      /^npm (sbom .*) >/m.exec(await readFile(join(ROOT, "SECURITY.md"), "utf8")) ?? [];
    const bill = billSchema.parse(
      JSON.parse(await run("npm", command.split(" "), { cwd: ROOT, seconds: 60 })),
    );
    const listed = new Set(bill.components.map(({ name, version }) => `${name} ${version}`));
    const notices = (await readdir(folder)).filter((file) => file.startsWith("THIRD-PARTY-LICENSES"));
    const texts = await Promise.all(notices.map(async (file) => readFile(join(folder, file), "utf8")));
    const bundled = texts.flatMap((text) =>
      Array.from(text.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \(\S/gm), ([, entry = ""]) => entry),
    );
    expect(bundled.length).toBeGreaterThan(20);
    expect(bundled.filter((entry) => !listed.has(entry))).toEqual([]);
  });
});

/** CycloneDX (https://cyclonedx.org/docs/1.5/json/), as far as it is compared. */
const billSchema = z.object({
  components: z.array(z.object({ name: z.string(), version: z.string() })),
});

/** The line of a source, counted from one, that has this code. */
async function lineOf({ file, code }: { readonly file: string; readonly code: string }): Promise<number> {
  const lines = (await readFile(join(ROOT, file), "utf8")).split("\n");
  const index = lines.findIndex((line) => line.includes(code));
  expect(index, `${file} has no line with ${code}`).toBeGreaterThanOrEqual(0);
  return index + 1;
}

describe("the inspector of Node, by which a process can be changed from outside", () => {
  const inspectorAfterSignal = async (options: readonly string[]) => {
    const script =
      'process.kill(process.pid, "SIGUSR1"); setTimeout(() => console.log(String(process.getBuiltinModule("inspector").url())), 500)';
    return (await run(process.execPath, [...options, "--eval", script], { seconds: 30 })).trim();
  };
  const optionsOf = (command: readonly string[]) => command.filter((word) => word.startsWith("--"));

  it("does not start at a signal in the operator, with the command of the image", async () => {
    const dockerfile = await readFile(join(ROOT, "Dockerfile"), "utf8");
    const command = z.array(z.string()).parse(JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? ""));
    await expect(inspectorAfterSignal(optionsOf(command))).resolves.toBe("undefined");
  });

  it("does not start at a signal in the runner, with the command of a probe pod", async () => {
    await expect(inspectorAfterSignal(optionsOf(RUNNER_COMMAND))).resolves.toBe("undefined");
  });

  it("starts at that signal without them", async () => {
    await expect(inspectorAfterSignal([])).resolves.toMatch(/^ws:/);
  });
});

describe("the image", () => {
  it("gets the bundles and no packages", async () => {
    const dockerfile = await readFile(join(ROOT, "Dockerfile"), "utf8");
    const [, image = ""] = dockerfile.split("\nFROM ${BASE}\n");
    expect(image.split("\n").filter((line) => /^(COPY|ADD)/.test(line))).toEqual([
      "COPY --from=build /netverdict/dist ./",
    ]);
    expect(dockerfile).toContain("RUN node_modules/.bin/rolldown --config rolldown.config.ts\n");
  });
});
