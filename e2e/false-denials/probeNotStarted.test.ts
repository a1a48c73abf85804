import { inContainer, inPod, probesDidNotRun } from "./probeCases.ts";

/** The node itself, at a port where nobody listens: no registry answers there, and nothing leaves the cluster. */
const NO_REGISTRY = "127.0.0.1:1/netverdict:none";

probesDidNotRun("unstarted", [
  {
    test: "no-such-image",
    admission: inContainer({ image: "netverdict:none", imagePullPolicy: "Never" }),
    when: "the node does not have the probe image, and may not pull it",
    says: "ErrImageNeverPull",
  },
  {
    test: "invalid-image",
    admission: inContainer({ image: "Not/An:Image:At All" }),
    when: "the name of the probe image is invalid",
    says: "InvalidImageName",
  },
  {
    test: "no-registry",
    admission: inContainer({ image: NO_REGISTRY, imagePullPolicy: "Always" }),
    when: "the probe image cannot be pulled",
    says: /not started within 1m: (ImagePullBackOff|ErrImagePull): .*connection refused/,
  },
  {
    test: "unschedulable",
    admission: inPod({ nodeSelector: { "kubernetes.io/hostname": "no-such-node" } }),
    when: "no node accepts the probe pod",
    says: /not started within 1m: Unschedulable: 0\/\d+ nodes are available/,
  },
  {
    test: "no-such-secret",
    admission: inContainer({
      env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "no-such-secret", key: "token" } } }],
    }),
    when: "a webhook makes the probe's container require a Secret that does not exist",
    says: 'not started within 1m: CreateContainerConfigError: secret "no-such-secret" not found',
  },
  {
    test: "no-such-command",
    admission: inContainer({ command: ["/no/such/program"] }),
    when: "the probe image does not contain the probe",
    says: /StartError: .*no such file or directory/,
  },
  {
    test: "admission",
    admission: { refuse: "no probes on Fridays" },
    when: "an admission webhook rejects the probe pod",
    says: "no probes on Fridays",
  },
  {
    test: "pod-security",
    admission: inContainer({ securityContext: { privileged: true } }),
    when: "the probe pod violates the namespace's Pod Security level",
    says: 'violates PodSecurity "restricted:latest": privileged',
  },
]);
