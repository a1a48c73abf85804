import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

import { run } from "../../process/command.ts";
import { imageStorage } from "./imageStorage.ts";
import { buildArchive, buildStored, isStored } from "./imageStore.ts";

it("a build works after one that was interrupted, and frees the image that was left in use", async () => {
  const context = await mkdtemp(join(tmpdir(), "netverdict-image-store-"));
  onTestFinished(() => rm(context, { recursive: true }));
  const dockerfile = join(context, "Dockerfile");
  await writeFile(dockerfile, "FROM scratch\nCOPY content /\n");
  const build = (version: string) => ({
    reference: `localhost/netverdict-interrupted:${version}`,
    dockerfile,
    context,
    buildArgs: {},
  });
  await writeFile(join(context, "content"), "first");
  await buildStored(build("first"));
  // An interrupted build leaves such a container, which uses the image that the build starts from.
  const { flags } = await imageStorage();
  await run("buildah", [...flags, "from", "--pull=never", build("first").reference]);

  await writeFile(join(context, "content"), "second");
  await buildArchive(build("second"), join(context, "archive"));
  expect(await isStored(build("first").reference)).toBe(false);
});
