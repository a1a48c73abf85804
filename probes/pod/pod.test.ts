import { describe, expect, it } from "vitest";
import { z } from "zod";
import { plannedPodSchema, probeRunSchema, checkSchema } from "../../crds/proberun/proberun.ts";
import { RUNNER_PORT } from "../nodeContact.ts";
import { check, probing } from "../testing/checks.ts";
import { probePod } from "./pod.ts";

const run = probeRunSchema.parse({
  metadata: { name: "shop-k3f9q", namespace: "shop", uid: "run-uid" },
  spec: {
    test: { kind: "ConnectivityTest", name: "shop", uid: "test-uid" },
    run: { id: "k3f9q", trigger: "Schedule", generation: 1 },
    probing: { rounds: 4 },
    expectations: [],
  },
});

const planned = (twin: object = {}) =>
  plannedPodSchema.parse({
    name: "probe-1",
    source: "Deployment/ui",
    sourcePod: { name: "ui-1", uid: "u" },
    twin: { labels: { app: "ui" }, serviceAccountName: "ui", ...twin },
  });

const keepingAway = (awayFrom: string[], twin?: object) =>
  probePod({
    run,
    planned: { ...planned(twin), awayFrom },
    checks: [check(0)],
    image: "registry.example/netverdict:1",
    imagePullPolicy: "IfNotPresent",
    deadlineSeconds: 90,
  });

const build = (twin?: object, checks = [check(0), check(1, { tool: "dns", host: "a.example" })]) =>
  probePod({
    run,
    planned: planned(twin),
    checks,
    image: "registry.example/netverdict:1",
    imagePullPolicy: "IfNotPresent",
    deadlineSeconds: 90,
  });

describe("the probe pod to the network", () => {
  it("has exactly the twin's labels", () => {
    expect(build().metadata).toMatchObject({ name: "probe-1", namespace: "shop" });
    expect(build().metadata?.labels).toEqual({ app: "ui" });
  });

  it("has the twin's annotations, and its markers", () => {
    expect(build({ annotations: { "k8s.v1.cni.cncf.io/networks": "x" } }).metadata?.annotations).toEqual({
      "k8s.v1.cni.cncf.io/networks": "x",
      "netverdict.dev/run-id": "k3f9q",
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
    });
  });

  it("takes over service account, tolerations, runtime class, DNS and pull secrets", () => {
    const spec = {
      runtimeClassName: "gvisor",
      tolerations: [{ key: "edge", operator: "Exists" }],
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["192.0.2.53"] },
      hostAliases: [{ ip: "192.0.2.9", hostnames: ["old"] }],
    };
    const pod = build({ ...spec, imagePullSecrets: ["pull"] });
    expect(pod.spec).toMatchObject({
      ...spec,
      serviceAccountName: "ui",
      imagePullSecrets: [{ name: "pull" }],
    });
  });

  it("prefers the twin's node, and does not insist", () => {
    expect(build({ nodeName: "worker-1" }).spec?.affinity).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            preference: { matchFields: [{ key: "metadata.name", operator: "In", values: ["worker-1"] }] },
          },
        ],
      },
    });
    expect(build().spec).not.toHaveProperty("affinity");
    expect(build().spec).not.toHaveProperty("nodeName");
  });

  it("keeps away from each node that it must not run on, a field selector for each", () => {
    const notIn = (name: string) => ({ key: "metadata.name", operator: "NotIn", values: [name] });
    const required = { nodeSelectorTerms: [{ matchFields: [notIn("worker-1"), notIn("worker-2")] }] };
    expect(keepingAway(["worker-1", "worker-2"]).spec?.affinity).toEqual({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required },
    });
    expect(keepingAway(["worker-1"], { nodeName: "worker-2" }).spec?.affinity?.nodeAffinity).toHaveProperty(
      "preferredDuringSchedulingIgnoredDuringExecution",
    );
  });
});

describe("the probe pod as other controllers see it", () => {
  it("is never ready, and only its run controls it", () => {
    const { metadata, spec } = build();
    expect(spec?.readinessGates).toEqual([{ conditionType: "netverdict.dev/never-ready" }]);
    expect(metadata?.ownerReferences).toEqual([
      {
        apiVersion: "netverdict.dev/v1alpha1",
        kind: "ProbeRun",
        name: "shop-k3f9q",
        uid: "run-uid",
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  it("passes restricted Pod Security", () => {
    const { spec } = build();
    expect(spec?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
      sysctls: [{ name: "net.ipv4.ping_group_range", value: "0 2147483647" }],
    });
    expect(spec?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
    const forbidden = [
      "hostNetwork",
      "hostPID",
      "hostIPC",
      "volumes",
      "initContainers",
      "ephemeralContainers",
    ];
    expect(Object.keys(spec ?? {}).filter((key) => forbidden.includes(key))).toEqual([]);
  });

  it("mounts no token, ends soon and once", () => {
    expect(build().spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      activeDeadlineSeconds: 90,
      terminationGracePeriodSeconds: 1,
    });
  });

  it("has the priority of netverdict's own class, by which it preempts no pod", () => {
    expect(build().spec?.priorityClassName).toBe("netverdict-probe");
  });

  it("bypasses the scheduler only if the operator has assigned it to a node", () => {
    expect(build().spec).not.toHaveProperty("nodeName");
    const assigned = probePod({
      run,
      planned: planned(),
      checks: [check(0)],
      assignedNode: "worker-1",
      image: "registry.example/netverdict:1",
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 90,
    });
    expect(assigned.spec?.nodeName).toBe("worker-1");
  });

  it("asks for CPU by its number of checks and for memory, and has no cpu limit", () => {
    const resources = build().spec?.containers[0]?.resources;
    expect(resources?.requests).toEqual({ cpu: "20m", memory: "64Mi" });
    expect(Object.keys(resources?.limits ?? {})).toEqual(["memory"]);
  });

  it("asks for what the plan says where its namespace has rules", () => {
    const resources = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } };
    const pod = probePod({
      run,
      planned: { ...planned(), resources },
      checks: [check(0)],
      image: "registry.example/netverdict:1",
      imagePullPolicy: "IfNotPresent",
      deadlineSeconds: 90,
    });
    expect(pod.spec?.containers[0]?.resources).toEqual(resources);
  });
});

describe("the contacts of the node", () => {
  const [container] = build().spec?.containers ?? [];

  it("come from the kubelet once a second, by TCP alone", () => {
    expect(container?.readinessProbe).toEqual({ tcpSocket: { port: RUNNER_PORT }, periodSeconds: 1 });
  });

  it("are known by the addresses of the node, which are not known before", () => {
    const addresses = container?.env?.find(({ name }) => name === "NETVERDICT_NODE_ADDRESSES");
    expect(addresses?.valueFrom).toEqual({ fieldRef: { fieldPath: "status.hostIPs" } });
  });
});

describe("the container", () => {
  const [container] = build().spec?.containers ?? [];
  const variable = (name: string) => container?.env?.find((each) => each.name === name)?.value ?? "";

  it("is called probe and runs the runner of the image", () => {
    expect(container).toMatchObject({
      name: "probe",
      image: "registry.example/netverdict:1",
      imagePullPolicy: "IfNotPresent",
      command: ["node", "--disable-sigusr1", "/netverdict/runner.mjs"],
      terminationMessagePolicy: "File",
    });
  });

  it("gets its checks as JSON that reads back", () => {
    const read: unknown = JSON.parse(variable("NETVERDICT_CHECKS"));
    const parsed = z.object({ checks: z.array(checkSchema), probing: z.unknown() }).parse(read);
    expect(parsed.checks).toEqual([check(0), check(1, { tool: "dns", host: "a.example" })]);
    expect(parsed.probing).toEqual(probing({ rounds: 4 }));
  });

  it("gets the largest plan through the limit of one environment variable (execve(2): 128 KiB)", () => {
    const largest = Array.from({ length: 24 }, (_, path) =>
      check(path, {
        host: "h".repeat(253),
        urlPath: `/${'"'.repeat(1_023)}`,
        status: Array.from({ length: 16 }, () => "2xx"),
      }),
    );
    const [only] = build({}, largest).spec?.containers ?? [];
    expect(only?.env?.[0]?.value?.length).toBeLessThan(131_072 - "NETVERDICT_CHECKS=".length);
  });
});
