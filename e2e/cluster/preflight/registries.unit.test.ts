import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { MODULE, reasonIn, releasesOf } from "./registries.ts";

const uris = (...paths: readonly string[]) =>
  paths.map((path) => `'http://mirror/${path}' mirror_${path.replaceAll("/", "_")} 0 `).join("\n");

describe("of apt's sources", () => {
  test.each([
    {
      name: "those of the release and its updates are asked, each for its signed list",
      said: uris(
        "debian/dists/bookworm/InRelease",
        "debian/dists/bookworm-updates/InRelease",
        "tools/dists/stable/InRelease",
        "debian/dists/bookworm/main/binary-amd64/Packages.xz",
      ),
      codename: "bookworm",
      asked: ["debian/dists/bookworm/InRelease", "debian/dists/bookworm-updates/InRelease"],
    },
    {
      name: "all are asked where none is of the release",
      said: uris("debian/dists/testing/InRelease", "tools/./InRelease"),
      codename: "trixie",
      asked: ["debian/dists/testing/InRelease", "tools/./InRelease"],
    },
    {
      name: "all are asked where the release has no name",
      said: uris("debian/dists/sid/InRelease"),
      codename: undefined,
      asked: ["debian/dists/sid/InRelease"],
    },
    { name: "none is asked where there is none", said: "", codename: "bookworm", asked: [] },
  ])("$name", ({ said, codename, asked }) => {
    expect(releasesOf(said, codename)).toEqual(asked.map((path) => `http://mirror/${path}`));
  });
});

describe("the reason of a failure", () => {
  test.each([
    {
      client: "npm",
      said:
        "npm error code ECONNREFUSED\nnpm error syscall connect\n" +
        "npm error FetchError: request to http://r/p failed, reason: connect ECONNREFUSED 127.0.0.1:9\n" +
        "npm error     at ClientRequest.<anonymous>\n",
      reason: "FetchError: request to http://r/p failed, reason: connect ECONNREFUSED 127.0.0.1:9",
    },
    {
      client: "npm, offline",
      said: "npm error code ENOTCACHED\nnpm error request to http://r/p failed: cache mode is 'only-if-cached'\n",
      reason: "request to http://r/p failed: cache mode is 'only-if-cached'",
    },
    {
      client: "Go",
      said: "go: downloading m v1.1.0\ngo: m@v1.1.0: module lookup disabled by GOPROXY=off\n",
      reason: "m@v1.1.0: module lookup disabled by GOPROXY=off",
    },
    {
      client: "apt",
      said: "W: Download is performed unsandboxed\nE: Failed to fetch http://r/x  404  Not Found.\nE: Download Failed\n",
      reason: "Failed to fetch http://r/x  404  Not Found",
    },
    {
      client: "a client with a password",
      said: "E: Failed to fetch https://user:secret@r/x  401",
      reason: "Failed to fetch https://r/x  401",
    },
    { client: "a silent client", said: "\n", reason: "it failed without a message" },
  ])("is what $client says of it", ({ said, reason }) => {
    expect(reasonIn(said)).toBe(reason);
  });
});

test("the module that the module proxy is asked for is one that programs are built from", async () => {
  const sums = await Array.fromAsync(glob("../go/*/go.sum", { cwd: import.meta.dirname }));
  const texts = await Promise.all(sums.map((file) => readFile(join(import.meta.dirname, file), "utf8")));
  expect(texts.join("\n")).toContain(`\n${MODULE.replace("@", " ")} h1:`);
});
