import { describe, expect, it } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { API_VERSION } from "../../crds/group.ts";
import type { OwnerReference } from "../../crds/metadata.ts";
import { probeRunSchema } from "../../crds/proberun/proberun.ts";
import { parseProbePod, probePodSchema } from "../cluster/probePod.ts";
import { PROBE_POD_FIELDS } from "../testing/objects.ts";
import { isUnowned, keyOfPod, keyOfRun, keyOfTest } from "./ownerKeys.ts";

const owner = (changes: Partial<OwnerReference>): OwnerReference => ({
  apiVersion: API_VERSION,
  kind: "ConnectivityTest",
  name: "web",
  uid: "test-uid",
  controller: true,
  ...changes,
});

const run = (ownerReferences: OwnerReference[]) =>
  probeRunSchema.parse({
    metadata: { namespace: "shop", name: "web-1", uid: "run-uid", ownerReferences },
    spec: {
      test: { kind: "ConnectivityTest", name: "web", uid: "test-uid" },
      run: { id: "1", trigger: "Generation", generation: 1 },
      probing: {},
      expectations: [],
    },
  });

const pod = (ownerReferences: OwnerReference[]) =>
  probePodSchema.parse({
    metadata: { namespace: "shop", name: "web-1-a", uid: "p", ownerReferences },
    spec: {},
  });

const runOwner = (changes: Partial<OwnerReference> = {}) =>
  owner({ kind: "ProbeRun", name: "web-1", uid: "run-uid", ...changes });

it("a test is its own key", () => {
  const test = connectivityTestSchema.parse({
    metadata: { namespace: "shop", name: "web" },
    spec: {
      expectations: [
        {
          name: "x",
          from: { podSelector: {} },
          to: { service: { name: "web" } },
          tcp: { port: 80 },
          expect: "Allowed",
        },
      ],
    },
  });
  expect(keyOfTest(test)).toBe("shop/web");
});

describe("a run leads to", () => {
  it.each([
    ["the test that controls it", [owner({})], "shop/web"],
    ["nothing without an owner", [], undefined],
    ["nothing if the owner does not control it", [owner({ controller: false })], undefined],
    ["nothing if something else controls it", [owner({ kind: "Deployment" })], undefined],
    ["nothing if the owner is of another group", [owner({ apiVersion: "example.com/v1" })], undefined],
  ])("%s", (_, owners, key) => {
    expect(keyOfRun(run(owners))).toBe(key);
  });
});

describe("a run of witnesses leads to", () => {
  const witnesses = (metadata: object, namespace?: string) =>
    probeRunSchema.parse({
      ...run([]),
      metadata: { namespace: "netverdict-witness", name: "shop.web-1", uid: "w", ...metadata },
      spec: {
        ...run([]).spec,
        test: { ...run([]).spec.test, ...(namespace !== undefined && { namespace }) },
      },
    });

  it("the test that it names, in the test's namespace", () => {
    expect(keyOfRun(witnesses({}, "shop"))).toBe("shop/web");
  });

  it.each([
    ["nothing if it names no namespace", witnesses({})],
    [
      "nothing outside of the witnesses' own namespace, where others may write",
      witnesses({ namespace: "evil" }, "shop"),
    ],
  ])("%s", (_, one) => {
    expect(keyOfRun(one)).toBeUndefined();
  });
});

describe("a run of a test without a namespace leads to", () => {
  const clusterTest = owner({ kind: "ClusterConnectivityTest", name: "web" });
  const of = (owners: OwnerReference[], spec: object = {}) => {
    const made = run(owners);
    return { ...made, spec: { ...made.spec, test: { ...made.spec.test, ...spec } } };
  };

  it("the test that controls it, in any namespace", () => {
    expect(keyOfRun(of([clusterTest]))).toBe("/web");
  });

  it("the test whose witnesses it holds", () => {
    const made = of([], { kind: "ClusterConnectivityTest" });
    const metadata = { ...made.metadata, namespace: "netverdict-witness" };
    expect(keyOfRun({ ...made, metadata })).toBe("/web");
  });

  it("the test that it names, where a grant controls it", () => {
    const grant = owner({ kind: "ProbeGrant", name: "shop" });
    expect(keyOfRun(of([grant], { namespace: "store" }))).toBe("store/web");
    expect(isUnowned(of([grant]))).toBe(true);
    expect(isUnowned(of([clusterTest]))).toBe(false);
  });
});

describe("a probe pod leads to", () => {
  const runs = new Map([["shop/web-1", run([owner({})])]]);
  it.each([
    ["the test of its run", [runOwner()], "shop/web"],
    ["nothing if the run has not been seen", [runOwner({ name: "web-2" })], undefined],
    ["nothing if the run is another one of that name", [runOwner({ uid: "older" })], undefined],
    ["nothing if no run controls it", [owner({ kind: "Job" })], undefined],
  ])("%s", (_, owners, key) => {
    expect(keyOfPod(pod(owners), runs)).toBe(key);
  });
});

describe("of the pods that are seen", () => {
  const raw = (ownerReferences: OwnerReference[]) => ({
    metadata: { namespace: "shop", name: "web-1-a", uid: "p", ownerReferences, managedFields: [{}] },
    spec: {
      ...PROBE_POD_FIELDS,
      nodeName: "node-1",
      containers: [{ name: "probe", image: "x" }, { name: "istio-proxy" }],
    },
    status: {
      phase: "Failed",
      reason: "DeadlineExceeded",
      startTime: "2026-11-21T10:00:01Z",
      podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
      conditions: [
        {
          type: "PodScheduled",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: "2026-11-21T10:00:00Z",
        },
      ],
      containerStatuses: [
        { name: "istio-proxy", state: { running: { startedAt: "2026-11-21T10:00:00Z" } } },
        {
          name: "probe",
          state: {
            terminated: {
              exitCode: 137,
              reason: "OOMKilled",
              message: "{}",
              startedAt: null,
              containerID: "c",
            },
          },
        },
      ],
    },
  });

  it("only those that a run controls are kept, and of these only the fields that show the state of the probe", () => {
    const { metadata, ...kept } = parseProbePod(raw([runOwner()])) ?? {};
    expect(metadata).toMatchObject({ name: "web-1-a", uid: "p" });
    expect(kept).toEqual({
      nodeName: "node-1",
      runtimeClassName: "",
      serviceAccountName: "default",
      hostNetwork: false,
      dnsPolicy: "ClusterFirst",
      dnsConfig: {},
      hostAliases: [],
      startTime: "2026-11-21T10:00:01Z",
      ephemeral: [],
      injected: ["istio-proxy"],
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "",
      podIPs: ["10.0.0.1", "fd00::1"],
      conditions: [
        {
          type: "PodScheduled",
          status: "True",
          reason: "",
          message: "",
          lastTransitionTime: "2026-11-21T10:00:00Z",
        },
      ],
      terminated: { exitCode: 137, reason: "OOMKilled", message: "{}", startedAt: null },
    });
  });

  it.each([
    [[]],
    [[owner({ kind: "Job" })]],
    [[runOwner({ controller: false })]],
    [[runOwner({ apiVersion: "example.com/v1" })]],
  ])("others are dropped: %o", (owners) => {
    expect(parseProbePod(raw(owners))).toBeUndefined();
  });

  it("one that the kubelet has not seen yet has no state", () => {
    const fresh = probePodSchema.parse({ metadata: { name: "a" }, spec: {}, status: { phase: "Pending" } });
    expect(fresh).toMatchObject({ phase: "Pending", nodeName: "", conditions: [], podIPs: [] });
    expect(Object.keys(fresh)).not.toContain("waiting");
  });
});
