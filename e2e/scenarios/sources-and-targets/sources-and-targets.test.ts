import { beforeAll, expect, it } from "vitest";

import { stage } from "../../harness/stage.ts";
import type { FolderStatus } from "../../harness/folderStatus.ts";

const team = stage(import.meta.dirname);
let reported: FolderStatus;

beforeAll(async () => {
  await team.kubectl("team", ["create", "job", "nightly-1", "--from=cronjob/nightly"]);
  for (const job of ["import", "nightly-1"])
    await team.kubectl("team", ["wait", `job/${job}`, "--for=jsonpath={.status.ready}=1", "--timeout=60s"]);
  reported = await team.judge();
});

/** The addresses of an expectation's paths in the order of the alphabet. */
const addressesOf = (name: string) =>
  reported
    .expectation(name)
    .paths.map(({ address }) => address)
    .toSorted();

it("each workload that the selector means is one source, by the name of the workload", () => {
  const { verdict, pathCount, paths } = reported.expectation("every-caller-and-tool-but-the-retired");
  expect(paths.map(({ from }) => from).toSorted()).toEqual([
    "DaemonSet/agent",
    "Deployment/site",
    "Job/import",
    "Job/nightly-1",
    "Pod/debug",
    "StatefulSet/queue",
  ]);
  expect({ verdict, pathCount }).toEqual({ verdict: "Passed", pathCount: 6 });
});

it("every target that can be probed is reached", () => {
  const { "an-external-name": _, ...verdicts } = reported.verdicts;
  expect(new Set(Object.values(verdicts))).toEqual(new Set(["Passed AsExpected"]));
});

it.each(["a-service-by-the-number-of-its-port", "a-service-by-the-name-of-its-port"])(
  "%s: its own address, and each pod behind it at the port that the pod gives the name",
  (name) => {
    expect(addressesOf(name)).toEqual([
      expect.stringMatching(/^10\.244\..*:808[01]$/),
      expect.stringMatching(/^10\.244\..*:808[01]$/),
      expect.stringMatching(/^10\.96\..*:80$/),
    ]);
    expect(portsOf(name)).toEqual(["80", "8080", "8081"]);
  },
);

it("pods by the name of their ports: each at its own number, in both families", () => {
  expect(portsOf("pods-by-the-name-of-their-ports")).toEqual(["8080", "8080", "8081", "8081"]);
});

it("a headless Service is the pods behind it", () => {
  expect(addressesOf("a-headless-service")).toEqual([expect.stringMatching(/^10\.244\..*:80$/)]);
});

it("a ping is one path of each family", () => {
  expect(addressesOf("a-ping-of-either-family")).toEqual([
    expect.stringMatching(/^10\.244\.[.0-9]+$/),
    expect.stringMatching(/^fd00:10:244:[:0-9a-f]+$/),
  ]);
});

it("an ExternalName is refused with a reason", () => {
  expect(reported.verdicts["an-external-name"]).toBe("Inconclusive TargetNotSupported");
  expect(reported.expectation("an-external-name").message).toContain(
    "pods app=site → Service/elsewhere tcp 443: Service/elsewhere is an ExternalName, an alias in DNS. Test the pods behind it by to.podSelector, or a name by to.host",
  );
});

function portsOf(name: string): string[] {
  return addressesOf(name)
    .map((address) => address.replace(/^.*:/, ""))
    .toSorted();
}
