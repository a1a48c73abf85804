import { inContainer, inPod, probesDidNotRun } from "./probeCases.ts";

probesDidNotRun("ended", [
  {
    test: "out-of-memory",
    admission: inContainer({ resources: { requests: { memory: "24Mi" }, limits: { memory: "24Mi" } } }),
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
