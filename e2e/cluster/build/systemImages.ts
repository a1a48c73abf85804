import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Binaries } from "./binaries.ts";
import { buildImage, type BuiltImage } from "./images.ts";

/** Images that every node has from the start. */
export interface SystemImages {
  readonly pause: BuiltImage;
  readonly coredns: BuiltImage;
}

/** Builds them from the cluster's own programs: each image is one static program and nothing else. */
export async function buildSystemImages(folders: Binaries): Promise<SystemImages> {
  return {
    pause: await programImage(join(folders.base, "pause")),
    coredns: await programImage(join(folders.base, "coredns")),
  };
}

async function programImage(program: string): Promise<BuiltImage> {
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
    // A file that is copied takes a moment: no step of a preparation.
    return await buildImage({ name, dockerfile, context: folder }, () => undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
