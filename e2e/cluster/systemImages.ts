import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Binaries } from "./binaries.ts";
import { buildImage, type BuiltImage } from "./images.ts";
import type { Report } from "./report.ts";

/** Images that every node has from the start. */
export interface SystemImages {
  readonly pause: BuiltImage;
  readonly coredns: BuiltImage;
}

/** Builds them from the cluster's own programs: each image is one static program and nothing else. */
export async function buildSystemImages(folders: Binaries, report: Report): Promise<SystemImages> {
  return {
    pause: await programImage(join(folders.own, "pause"), report),
    coredns: await programImage(join(folders.coredns, "coredns"), report),
  };
}

async function programImage(program: string, report: Report): Promise<BuiltImage> {
  const name = program.split("/").at(-1) ?? "";
  const folder = await mkdtemp(join(tmpdir(), `netverdict-${name}-`));
  try {
    const dockerfile = join(folder, "Dockerfile");
    const lines = [
      "FROM scratch",
      `COPY ${name} /${name}`,
      "USER 65532:65532",
      `ENTRYPOINT ["/${name}"]`,
      "",
    ];
    await writeFile(dockerfile, lines.join("\n"));
    await copyFile(program, join(folder, name));
    return await buildImage({ name, dockerfile, context: folder }, report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
