import { describe, expect, it } from "vitest";
import { plannedPodSchema, probeRunSchema } from "../../crds/proberun/proberun.ts";
import { check } from "../testing/checks.ts";
import { probePod } from "./pod.ts";

const run = probeRunSchema.parse({
  metadata: { name: "shop.net-k3f9q", namespace: "netverdict-witness", uid: "run-uid" },
  spec: {
    test: { kind: "ConnectivityTest", name: "net", uid: "test-uid", namespace: "shop" },
    run: { id: "k3f9q", trigger: "Schedule", generation: 1 },
    probing: {},
    expectations: [],
  },
});

const witness = (checks = [check(0)], alone?: true) =>
  probePod({
    run,
    planned: plannedPodSchema.parse({
      name: "witness-1",
      source: "Node/node-1",
      witness: { node: "node-1", ...(alone && { alone }) },
    }),
    checks,
    image: "registry.example/netverdict:1",
    imagePullPolicy: "IfNotPresent",
    deadlineSeconds: 90,
  });

const pinging = [check(0), check(1, { tool: "icmp" })];

it("a witness has the priority of netverdict's own class, by which it preempts no pod", () => {
  expect(witness().spec?.priorityClassName).toBe("netverdict-probe");
});

describe("a node as a source", () => {
  const [asWitness, asNode] = [{ witness: { node: "node-1" } }, { node: "node-1" }].map((role) =>
    probePod({
      run,
      planned: plannedPodSchema.parse({ name: "probe-1", source: "Node/node-1", ...role }),
      checks: pinging,
      image: "registry.example/netverdict:1",
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 90,
    }),
  );

  it("is tried from a pod like a witness, which ends when its checks have settled", () => {
    const orders = (pod: typeof asNode) =>
      pod?.spec?.containers[0]?.env?.find(({ name }) => name === "NETVERDICT_CHECKS")?.value;
    expect(orders(asWitness)).toContain('"untilEnded":true');
    expect(orders(asNode)).not.toContain("untilEnded");
    const ends = ["containers", "terminationGracePeriodSeconds", "shareProcessNamespace"];
    const shape = (pod: typeof asNode) =>
      Object.entries(pod?.spec ?? {}).filter(([field]) => !ends.includes(field));
    expect(shape(asNode)).toEqual(shape(asWitness));
  });
});

describe("a witness", () => {
  it("is on the network of its node, and on no other node", () => {
    expect(witness().spec).toMatchObject({
      hostNetwork: true,
      dnsPolicy: "Default",
      tolerations: [{ operator: "Exists" }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] },
            ],
          },
        },
      },
    });
  });

  it("is owned by its run, has no label, and no account whose token it could use", () => {
    const { metadata, spec } = witness();
    expect(metadata?.ownerReferences?.map(({ uid, controller }) => [uid, controller])).toEqual([
      ["run-uid", true],
    ]);
    expect(metadata?.labels).toEqual({});
    expect(spec?.automountServiceAccountToken).toBe(false);
    expect(spec).not.toHaveProperty("serviceAccountName");
    expect(spec).not.toHaveProperty("volumes");
  });

  const valueIn = (pod: ReturnType<typeof witness>, name: string) =>
    pod.spec?.containers[0]?.env?.find((each) => each.name === name)?.value ?? "";

  it("gets the order to go on until it is ended, and to open no port on its node", () => {
    expect(JSON.parse(valueIn(witness(), "NETVERDICT_CHECKS"))).toMatchObject({ untilEnded: true });
    expect(valueIn(witness(), "NETVERDICT_PORT")).toBe("0");
  });

  it("has time to write its report when it is ended", () => {
    expect(witness().spec?.terminationGracePeriodSeconds).toBe(15);
    expect(witness().spec?.shareProcessNamespace).toBe(true);
  });

  it("ends by itself where no probe runs beside it", () => {
    const pod = witness([check(0)], true);
    expect(JSON.parse(valueIn(pod, "NETVERDICT_CHECKS"))).not.toHaveProperty("untilEnded");
    expect(pod.spec?.terminationGracePeriodSeconds).toBe(1);
  });

  it("has no readiness probe and no contact with its node: there is no port to come to", () => {
    const [container] = witness().spec?.containers ?? [];
    expect(container).not.toHaveProperty("readinessProbe");
    expect(container?.env?.map(({ name }) => name)).not.toContain("NETVERDICT_NODE_ADDRESSES");
  });

  it("is root without any capability: some engines let only the packets of root pass their policies", () => {
    const { spec } = witness();
    expect(spec?.securityContext).toEqual({
      runAsNonRoot: false,
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(spec?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("has NET_RAW alone to ping", () => {
    const { spec } = witness(pinging);
    expect(spec?.securityContext).toMatchObject({ runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 });
    expect(spec?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["NET_RAW"] },
    });
  });

  it.each([[witness()], [witness(pinging)]])(
    "never takes part in the node's processes, and sets no sysctl",
    ({ spec }) => {
      expect(spec).not.toHaveProperty("hostPID");
      expect(spec).not.toHaveProperty("hostIPC");
      expect(spec?.securityContext).not.toHaveProperty("sysctls");
      expect(spec?.containers[0]?.securityContext).not.toHaveProperty("privileged");
    },
  );
});

it("a pod of a plan is either a twin, or a witness, or a node that is the source", () => {
  const name = { name: "p", source: "Deployment/ui" };
  expect(plannedPodSchema.safeParse(name).error?.issues[0]?.message).toBe(
    "exactly one of twin, witness, node must be set",
  );
});

describe("a witness of a link", () => {
  const onPodNetwork = (checks: ReturnType<typeof check>[]) =>
    probePod({
      run,
      planned: plannedPodSchema.parse({
        name: "witness-1",
        source: "Node/node-1",
        witness: { node: "node-1", podNetwork: true },
      }),
      checks,
      image: "registry.example/netverdict:1",
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 90,
    });
  const environmentOf = (checks: ReturnType<typeof check>[]) =>
    Object.fromEntries(
      onPodNetwork(checks).spec?.containers[0]?.env?.map(({ name, value }) => [name, value]) ?? [],
    );
  const ordersOf = (checks: ReturnType<typeof check>[]): unknown =>
    JSON.parse(String(environmentOf(checks)["NETVERDICT_CHECKS"]));

  it("is on the pod network of its node, restricted, without a label", () => {
    const { metadata, spec } = onPodNetwork([]);
    expect(spec).not.toHaveProperty("hostNetwork");
    expect(spec).toMatchObject({
      tolerations: [{ operator: "Exists" }],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      affinity: witness().spec?.affinity ?? {},
    });
    expect(spec?.containers[0]?.securityContext).toMatchObject({ capabilities: { drop: ["ALL"] } });
    expect(metadata?.labels).toEqual({});
  });

  it("listens if it has no checks, until it is ended", () => {
    expect(environmentOf([])).not.toHaveProperty("NETVERDICT_PORT");
    expect(ordersOf([])).toEqual({ checks: [], probing: run.spec.probing, untilEnded: true });
  });

  it("opens no port if it has some, and goes on until it is ended", () => {
    expect(environmentOf([check(0)])).toMatchObject({ NETVERDICT_PORT: "0" });
    expect(ordersOf([check(0)])).toEqual({ checks: [check(0)], probing: run.spec.probing, untilEnded: true });
  });
});
