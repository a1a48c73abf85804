import { inContainer, inPod, probesDidNotRun } from "./probeCases.ts";

/** Takes more memory than any limit, whatever the runner itself needs. */
const GREEDY = "const taken = []; for (;;) taken.push(Buffer.alloc(1_000_000, 1))";

probesDidNotRun("ended", [
  {
    test: "out-of-memory",
    admission: inContainer({
      command: ["node", "-e", GREEDY],
      resources: { requests: { memory: "64Mi" }, limits: { memory: "64Mi" } },
    }),
    when: "the probe is OOM-killed",
    says: "the probe ended with OOMKilled (exit code 137)",
  },
  {
    test: "deadline",
    admission: inPod({ activeDeadlineSeconds: 2 }),
    when: "the probe is past its deadline",
    says: "DeadlineExceeded: Pod was active on the node longer than the specified deadline",
  },
  {
    test: "crashed",
    admission: inContainer({ command: ["node", "-e", "process.abort()"] }),
    when: "the probe crashes",
    says: /the probe ended with Error \(exit code \d+\)/,
  },
]);
