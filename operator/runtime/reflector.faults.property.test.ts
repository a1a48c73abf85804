import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { CollectionServer } from "../testing/collectionServer.ts";
import { followCollection } from "../testing/followedCollection.ts";
import { SERVER_FAULTS } from "../testing/serverFaults.ts";

const PATIENT = { interval: 5, timeout: 20_000 };
const name = fc.constantFrom("same2", "changed", "gone", "again", "made");

/** One thing that happens to the API server, or to its next list or watch. */
type Step = readonly [what: string, happen: (server: CollectionServer) => void];
const step = (what: string, happen: Step[1]): Step => [what, happen];
const faults = SERVER_FAULTS.filter(({ isSlow }) => !isSlow).flatMap(({ sends, at, fault }) =>
  at.map((place) => step(`${place}: ${sends}`, (server) => server.next(place, fault))),
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: name.map((each) => step(`put ${each}`, (server) => server.put(each))) },
  { weight: 3, arbitrary: name.map((each) => step(`remove ${each}`, (server) => server.remove(each))) },
  { weight: 2, arbitrary: fc.constant(step("end the watches", (server) => server.endWatches())) },
  { weight: 1, arbitrary: fc.constant(step("compact", (server) => server.compact())) },
  { weight: 4, arbitrary: fc.constantFrom(...faults) },
);
/** Before each request something happens, and before it is answered. */
const story = fc.array(fc.array(steps, { maxLength: 4 }), { maxLength: 12 });

it("in any order of faults and changes, a cache reports only what is true, once, and is right in the end", async () => {
  await fc.assert(
    fc.asyncProperty(story, async (turns) => {
      const followed = await followCollection();
      const { server, reflector, reported } = followed;
      const left = [...turns];
      const happen = () => left.shift()?.forEach(([, change]) => change(server));
      const check = server.onRequest;
      server.onRequest = (seen) => {
        check(seen);
        happen();
      };
      try {
        reflector.start();
        await vi.waitFor(() => {
          // A watch that is open has no further request.
          if (reflector.hasSynced && left.length > 0) {
            happen();
            server.endWatches();
          }
          expect(left).toHaveLength(0);
          expect(followed.cached()).toEqual(followed.stored());
        }, PATIENT);
        expect(followed.problems).toEqual([]);
        expect(reported).toEqual([...new Set(reported)]);
      } finally {
        await followed.close();
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 60_000 },
  );
}, 120_000);
