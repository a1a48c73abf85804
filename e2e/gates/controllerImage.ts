import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { cached, keyOf } from "../cluster/build/cache.ts";
import { BUILD_FLAGS, findGo, goEnvironment } from "../cluster/build/go.ts";
import { type BuiltImage, buildImage } from "../cluster/build/images.ts";
import { run } from "../process/command.ts";
import type { Report } from "../process/report.ts";

/** The controllers of gates, by the folder with the Go module of each. */
export const CONTROLLER_NAMES = ["argorollouts", "flagger", "flux"] as const;
export type ControllerName = (typeof CONTROLLER_NAMES)[number];

const PACKAGES = {
  argorollouts: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
  flagger: "github.com/fluxcd/flagger/cmd/flagger",
  flux: "github.com/fluxcd/kustomize-controller",
} as const satisfies Record<ControllerName, string>;

/** Builds the image of a controller, which takes minutes the first time, or finds it. */
export async function buildController(name: ControllerName, report: Report): Promise<BuiltImage> {
  const module = join(import.meta.dirname, name);
  const sums = await Promise.all(["go.mod", "go.sum"].map(async (file) => readFile(join(module, file))));
  const key = keyOf(process.arch, JSON.stringify(BUILD_FLAGS), PACKAGES[name], ...sums);
  const context = await cached({ kind: "bin", name, key }, async (folder) => {
    report(`building the controller of ${name} …`);
    await mkdir(folder, { recursive: true });
    const args = ["build", ...BUILD_FLAGS, "-ldflags=-s -w", "-o", join(folder, "controller")];
    const options = { cwd: module, env: goEnvironment(), seconds: 3_600 };
    await run("nice", [await findGo(), ...args, PACKAGES[name]], options);
  });
  const dockerfile = join(import.meta.dirname, "controller.Dockerfile");
  return buildImage({ name: `${name}-controller`, dockerfile, context }, report);
}
