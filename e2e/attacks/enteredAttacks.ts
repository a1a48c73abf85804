import type { Attacks } from "./attack.ts";

const by = "the runner, which sees each process that it did not start, and ends the container";
const TAMPERED = "the report may have been tampered with: ";
const PROCESS = `${TAMPERED}a process was started in the container of the probe`;

/** What a user tries whom the admission policies do not stop. In these tests that is a cluster administrator. */
export const ENTERED_ATTACKS = {
  who: "A user who may enter a probe pod: a cluster administrator, or `edit` where the policies were deleted",
  test: "entered.test.ts",
  rows: {
    report: { attempt: "exec that writes a report of its own", by, result: PROCESS },
    repeated: { attempt: "exec that writes a report of its own again and again", by, result: PROCESS },
    memory: { attempt: "exec that reads the memory of the runner", by, result: PROCESS },
    background: { attempt: "exec that leaves a process behind", by, result: PROCESS },
    stopped: { attempt: "exec that stops the tools of the runner", by, result: PROCESS },
    target: {
      attempt: "an ephemeral container among the processes of the probe",
      by: "the runner or the operator",
      result: TAMPERED.trim(),
    },
    ephemeral: {
      attempt: "an ephemeral container in the network of the probe",
      by: "the operator, which sees it in the spec of the pod",
      result: `${TAMPERED}the ephemeral container entered was added to the pod`,
    },
  },
} as const satisfies Attacks;
