import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { connectivityTest, later } from "../testing/objects.ts";
import { decidePodGate, type GatedPod, gateRequests } from "./podGate.ts";
import { podOfToken } from "./podVerdicts.ts";
import { openRequests, withResults } from "./requests.ts";

/* A made-up controller runs a test as the requests ask for, and remembers which pods each run found. */

const REVISIONS = ["v1", "v2", "v3"] as const;

interface RunInProgress {
  readonly id: string;
  readonly generation: number;
  readonly requests: readonly string[];
  /** The revisions of the pods that ran when it started, by their UIDs. */
  readonly found: ReadonlyMap<string, string>;
}

function createWorld() {
  let pods: readonly GatedPod[] = [];
  let tested: ConnectivityTest = connectivityTest();
  let active: RunInProgress | undefined;
  let last: (RunInProgress & { readonly cutOff: readonly string[] }) | undefined;
  let count = 0;
  const now = () => later(count * 1_000);

  const next = () => String((count += 1)).padStart(6, "0");
  const has = (pod: GatedPod) => pod.condition?.status === "True";

  /** What the operator must not say of any other pod. */
  const wasTried = (pod: GatedPod) =>
    last?.cutOff.includes(pod.revision) === false &&
    last.generation === tested.metadata.generation &&
    pods.some(
      ({ isRunning, revision, metadata: { uid } }) =>
        isRunning && revision === pod.revision && last?.found.has(uid) === true,
    );

  function begin() {
    const { tokens } = gateRequests(tested, pods, now());
    const { waiting } = openRequests(tested, tokens);
    tested = { ...tested, status: { ...tested.status, pendingRequests: [...waiting] } };
    const isNew = last?.generation !== tested.metadata.generation;
    if (active || (waiting.length === 0 && !isNew)) return;
    const running = pods.filter(({ isRunning }) => isRunning);
    const found = new Map(running.map(({ metadata, revision }) => [metadata.uid, revision]));
    active = { id: `r${next()}`, generation: tested.metadata.generation, requests: waiting, found };
  }

  /** The paths of these revisions have failed. */
  function end(cutOff: readonly string[]) {
    if (!active) return;
    const { id, generation, requests, found } = active;
    const verdict = [...found.values()].some((revision) => cutOff.includes(revision)) ? "Failed" : "Passed";
    const verdictOfPod = (revision: string) => (cutOff.includes(revision) ? "Failed" : "Passed");
    const finishedAt = now().toISOString();
    last = { ...active, cutOff };
    active = undefined;
    const results = requests.map((token) => ({
      token,
      verdict: mapped(found.get(podOfToken(token) ?? ""), verdictOfPod) ?? verdict,
      reason: "AsExpected" as const,
      message: "",
      run: id,
      generation,
      finishedAt,
    }));
    const { pendingRequests = [], handledRequests } = tested.status;
    tested = {
      ...tested,
      status: {
        observedGeneration: generation,
        verdict,
        run: { id, trigger: "Request", startedAt: finishedAt, finishedAt, generation },
        handledRequests: withResults(handledRequests, results),
        pendingRequests: pendingRequests.filter((token) => !requests.includes(token)),
      },
    };
  }

  /** Decides about every pod. */
  function decide() {
    pods = pods.map((pod) => {
      const condition = decidePodGate(pod, { tests: [tested], pods, now: now() }) ?? pod.condition;
      expect(has(pod) ? condition : undefined).toBe(has(pod) ? pod.condition : undefined);
      const decided = { ...pod, condition };
      if (has(decided) && !has(pod)) expect(wasTried(pod), `${pod.metadata.name} was tried`).toBe(true);
      return decided;
    });
  }

  const steps = {
    create(revision: string) {
      const name = next();
      const metadata = { namespace: "shop", name, uid: name, labels: { app: "ui" }, creationTimestamp: name };
      pods = [...pods, { metadata, revision, isRunning: false, condition: undefined }];
    },
    run: (index: number) => {
      pods = pods.map((pod, at) => (at === index % pods.length ? { ...pod, isRunning: true } : pod));
    },
    remove: (index: number) => {
      pods = pods.filter((_, at) => at !== index % pods.length);
    },
    change() {
      const generation = tested.metadata.generation + 1;
      tested = { ...tested, metadata: { ...tested.metadata, generation } };
    },
    begin,
    end,
    wait: () => void (count += 301),
  };
  return { steps, decide, waiting: () => pods.filter((pod) => pod.isRunning && !has(pod)) };
}

const mapped = (value: string | undefined, map: (value: string) => "Passed" | "Failed") =>
  value === undefined ? undefined : map(value);

type World = ReturnType<typeof createWorld>;
type Step = (world: World) => void;

const index = fc.nat({ max: 7 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...REVISIONS).map(
    (revision): Step =>
      ({ steps }) =>
        steps.create(revision),
  ),
  index.map(
    (at): Step =>
      ({ steps }) =>
        steps.run(at),
  ),
  index.map(
    (at): Step =>
      ({ steps }) =>
        steps.remove(at),
  ),
  fc.constant<Step>(({ steps }) => steps.begin()),
  fc.oneof(fc.constant([]), fc.subarray([...REVISIONS])).map(
    (cutOff): Step =>
      ({ steps }) =>
        steps.end(cutOff),
  ),
  fc.constant<Step>(({ steps }) => steps.change()),
  fc.constant<Step>(({ steps }) => steps.wait()),
);

/** More than enough runs for eight pods of three revisions. */
const RUNS_TO_THE_END = 6;

it("a pod passes only by the last run, if that found a pod of its revision whose paths passed, and passes when its test does", () => {
  let passed = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = createWorld();
      for (const one of steps) {
        one(world);
        world.decide();
      }
      for (let run = 0; run < RUNS_TO_THE_END; run += 1) {
        world.steps.wait();
        world.steps.begin();
        world.steps.end([]);
        passed += world.waiting().length;
        world.decide();
      }
      expect(world.waiting()).toEqual([]);
    }),
    { numRuns: 500 },
  );
  expect(passed).toBeGreaterThan(0);
});
