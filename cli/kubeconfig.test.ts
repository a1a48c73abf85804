import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKubeconfig } from "./kubeconfig.ts";

let folder = "";
const file = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "netverdict-kubeconfig-"));
  const write = (name: string, current: string, clusters: readonly string[]) => {
    const config = {
      clusters: clusters.map((cluster) => ({
        name: cluster,
        cluster: { server: `https://${name}-${cluster}` },
      })),
      users: [{ name: "me", user: {} }],
      contexts: clusters.map((cluster) => ({ name: cluster, context: { cluster, user: "me" } })),
      ...(current !== "" && { "current-context": current }),
    };
    writeFileSync(file(name), JSON.stringify(config));
  };
  write("first", "", ["a", "b"]);
  write("second", "c", ["b", "c"]);
  write("third", "a", []);
});
afterAll(() => rmSync(folder, { recursive: true }));

const serverOf = (config: ReturnType<typeof loadKubeconfig>) => config.getCurrentCluster()?.server;
const paths = (...names: string[]) => names.map(file).join(delimiter);

describe("the kubeconfig, by the rules of kubectl", () => {
  it.each([
    { name: "the first current context", files: ["first", "second", "third"], server: "https://second-c" },
    { name: "the files that exist", files: ["none", "second"], server: "https://second-c" },
    {
      name: "the context of --context, and the first cluster of its name",
      files: ["first", "second"],
      context: "b",
      server: "https://first-b",
    },
    {
      name: "--kubeconfig alone",
      files: ["first"],
      kubeconfig: "second",
      server: "https://second-c",
    },
  ])("is $name", ({ files, server, context, kubeconfig }) => {
    const options = { context, kubeconfig: kubeconfig === undefined ? undefined : file(kubeconfig) };
    expect(serverOf(loadKubeconfig(options, { KUBECONFIG: paths(...files) }))).toBe(server);
  });

  it("is the service account of a pod if there is no file", () => {
    const inPod = { HOME: folder, KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    expect(loadKubeconfig({}, inPod).getCurrentContext()).toBe("inClusterContext");
  });

  it("needs a context: a file without one is an error, and so is no file", () => {
    expect(() => loadKubeconfig({}, { KUBECONFIG: paths("first") })).toThrow("has no current context");
    expect(() => loadKubeconfig({}, { HOME: folder })).toThrow(
      "kubeconfig: there is no file. Set KUBECONFIG, --kubeconfig or --context.",
    );
    expect(() => loadKubeconfig({ context: "d" }, { KUBECONFIG: paths("first") })).toThrow(
      "context d: it does not exist or has no cluster. Use one of: a, b.",
    );
  });
});
