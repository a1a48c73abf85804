import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { AdmissionLimits } from "../planning/admission.ts";
import { later } from "../testing/objects.ts";
import { createRunQueue } from "./runQueue.ts";

const limits: AdmissionLimits = { pods: 12, podsPerNamespace: 6 };
const ROOM = { cpu: 1_000, free: { cpu: 300, pods: 8 } };

const runs = fc.array(
  fc.record({
    namespace: fc.constantFrom("a", "b", "c"),
    since: fc.nat({ max: 9 }),
    isAwaited: fc.boolean(),
    pods: fc.array(
      fc.record({ node: fc.constantFrom("node-1", "node-2", undefined), cpu: fc.constantFrom(15, 130) }),
      { minLength: 1, maxLength: 8 },
    ),
  }),
  { minLength: 1, maxLength: 25 },
);
type Run = Parameters<ReturnType<typeof createRunQueue>["enter"]>[0] & { readonly pods: Pods };
type Pods = Parameters<ReturnType<typeof createRunQueue>["admit"]>[1];

const oneOf = <Item>(items: Iterable<Item>, choice: number): Item | undefined => {
  const all = [...items];
  return all[choice % all.length];
};

/** The tests of a controller whose keys are reconciled and whose runs end in any order, also several at the same time. */
function controllerOf(all: readonly Run[]) {
  const keys = new Set(all.map(({ key }) => key));
  const running = new Set<Run>();
  const ended = new Set<Run>();
  const exceeded: string[] = [];
  let queue = createQueue();

  function createQueue() {
    return createRunQueue({
      limits,
      readRoom: async () => ROOM,
      onTurn: (key) => void keys.add(key),
    });
  }

  function checkLimits(run: Run) {
    const count = (others: readonly Run[]) => others.reduce((sum, { pods }) => sum + pods.length, 0);
    const own = [...running].filter(({ namespace }) => namespace === run.namespace);
    if (running.size > 1 && count([...running]) > limits.pods) exceeded.push(`${run.key}: the cluster`);
    if (own.length > 1 && count(own) > limits.podsPerNamespace) exceeded.push(`${run.key}: its namespace`);
  }

  return {
    keys,
    running,
    ended,
    exceeded,
    async reconcile(key: string) {
      keys.delete(key);
      const run = all.find((one) => one.key === key);
      if (!run || running.has(run) || ended.has(run)) return;
      const { pods, ...due } = run;
      queue.enter(due);
      if (queue.obstacleOf(key) || (await queue.admit(key, pods, later(0)))) return;
      running.add(run);
      checkLimits(run);
    },
    end(run: Run) {
      running.delete(run);
      ended.add(run);
      queue.release(run.key);
    },
    /** A new leader restores what is queued and in progress, and reconciles every test. */
    restart() {
      queue = createQueue();
      for (const { pods: _, ...due } of all.filter((run) => !running.has(run) && !ended.has(run)))
        queue.enter(due);
      for (const { key, namespace, pods } of running)
        queue.occupy(key, { namespace, pods: pods.map((pod) => ({ ...pod, isStarting: true })) });
      for (const { key } of all) keys.add(key);
    },
  };
}

/** Lets the next thing happen: a run ends, or some tests are reconciled at the same time. */
async function advance(controller: ReturnType<typeof controllerOf>, choice: number): Promise<void> {
  const run = oneOf(controller.running, choice);
  const key = oneOf(controller.keys, choice);
  if (run && (key === undefined || choice % 3 === 0)) return controller.end(run);
  if (key === undefined) throw new Error("the queue calls no run that is left");
  const several = new Set([...[...controller.keys].slice(0, choice % 4), key]);
  await Promise.all([...several].map((one) => controller.reconcile(one)));
}

it("every queued run starts in the end, in any order of reconciles, ends and restarts, and no limit is exceeded", async () => {
  const anyOrder = fc.array(fc.nat({ max: 999 }), { minLength: 5, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(runs, anyOrder, async (sketches, choices) => {
      const all = sketches.map((sketch, index) => ({ ...sketch, key: `${sketch.namespace}/${index}` }));
      const controller = controllerOf(all);
      for (let step = 0; controller.ended.size < all.length; step += 1) {
        const choice = choices[step % choices.length] ?? 0;
        if (step < 200 && choice < 20) controller.restart();
        else await advance(controller, choice);
      }
      expect(controller.exceeded).toEqual([]);
    }),
  );
});
