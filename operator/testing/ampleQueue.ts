import { createRunQueue } from "../controller/runQueue.ts";
import type { AdmissionLimits } from "../planning/admission.ts";

/** Limits that no test reaches by chance. */
export const AMPLE: AdmissionLimits = { pods: 1_000, podsPerNamespace: 1_000 };

/** A queue in which no run waits. */
export const ampleQueue = () =>
  createRunQueue({ limits: AMPLE, readRoom: async () => undefined, onTurn: () => {} });
