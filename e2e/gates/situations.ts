import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import type { Verdict } from "../../crds/vocabulary.ts";
import { connectivityTest, later } from "../../operator/testing/objects.ts";
import { endedRun, published } from "../../operator/testing/statuses.ts";
import type { AskingGate } from "./askingGates.ts";
import { withProgram } from "./program.ts";
import { type Place, startScene } from "./scene.ts";
import type { Decision } from "./states.ts";

/** What happens to the test, whose status has the token of the gate. */
type Change = (test: ConnectivityTest) => ConnectivityTest;

/** What a gate meets that asks with a token of its own. */
export interface Situation {
  readonly title: string;
  /** What the gate must do when it asks the last time. */
  readonly decision: Decision;
  /** What happens each time after the gate has asked. */
  readonly changes: readonly Change[];
  /** What is at the address of the operator's Service. */
  readonly place: Place;
  /** Whether the gate has the secret of the test. */
  readonly hasSecret: boolean;
  /** Why every gate decides wrongly, where none can be right. */
  readonly trap?: string;
}

const NOW = later(30_000);
const HOUR = -3_600_000;

/** The run that was requested for the gate ends. */
const ends =
  (verdict: Verdict, { at = 0, id = "k3f9q" } = {}): Change =>
  (test) => {
    const { spec, status } = test;
    const requests = status.pendingRequests ?? [];
    return published({ test, ended: endedRun([verdict], { requests, digestOf: spec, at, id }), now: NOW });
  };

const starts: Change = (test) => {
  const requests = test.status.pendingRequests ?? [];
  return published({ test, active: { id: "k3f9q", trigger: "Request", requests }, now: NOW });
};

const specChanges: Change = ({ metadata, spec, ...test }) => ({
  ...test,
  metadata: { ...metadata, generation: metadata.generation + 1 },
  spec: { ...spec, maxAttempts: 1 },
});

type Options = Partial<Omit<Situation, "title" | "decision">>;
type Row = readonly [title: string, decision: Decision, options: Options];

const ROWS: readonly Row[] = [
  ["the run of its token has passed", "go on", { changes: [ends("Passed")] }],
  ["the run of its token has failed", "stop", { changes: [ends("Failed")] }],
  ["the run of its token was inconclusive", "stop", { changes: [ends("Inconclusive")] }],
  ["the run of its token is in progress", "wait", { changes: [starts] }],
  ["only the run of another token has passed", "wait", {}],
  [
    "its first attempt passed an hour ago; it asks for the second",
    "wait",
    { changes: [ends("Passed", { at: HOUR })] },
  ],
  [
    "its first attempt failed an hour ago, the run of the second has passed",
    "go on",
    { changes: [ends("Failed", { at: HOUR }), ends("Passed", { id: "second" })] },
  ],
  [
    "its first attempt passed an hour ago, the run of the second has failed",
    "stop",
    { changes: [ends("Passed", { at: HOUR }), ends("Failed", { id: "second" })] },
  ],
  [
    "the spec has changed since the run of its token passed",
    "wait",
    { changes: [ends("Passed"), specChanges] },
  ],
  ["its secret is not one of the test's", "stop", { changes: [ends("Passed")], hasSecret: false }],
  ["the operator is not ready", "stop", { place: "not ready" }],
  ["the operator is away", "stop", { place: "nothing" }],
  [
    "https, and the CA is in the gate's `SSL_CERT_DIR`",
    "go on",
    { place: "trusted TLS", changes: [ends("Passed")] },
  ],
  [
    "https, and the gate does not trust the certificate",
    "stop",
    { place: "other TLS", changes: [ends("Passed")] },
  ],
  ["a proxy answers 200 with its login page", "stop", { place: "login page", trap: "200 is enough for it" }],
];

export const situations: readonly Situation[] = ROWS.map(([title, decision, options]) => ({
  title,
  decision,
  changes: [],
  place: "operator",
  hasSecret: true,
  ...options,
}));

/** The test as the gate meets it first: a run for another token has passed a moment ago. */
function testBefore(name: string): ConnectivityTest {
  const test = connectivityTest({ metadata: { name }, spec: { schedule: { every: "10m" } } });
  const ended = endedRun(["Passed"], { requests: ["before"], digestOf: test.spec, id: "before" });
  return published({ test, ended, now: NOW });
}

const WRONG_SECRET = "f".repeat(32);

/** Builds the program of a gate, and returns what its code says in each situation, when it asks the last time. */
export async function wordsInSituations({ folder, question }: AskingGate): Promise<readonly string[]> {
  const scene = await startScene();
  try {
    const places = situations.map((situation, index) => ({ ...situation, name: `test-${index}` }));
    for (const { place, name } of places) scene.put(place, testBefore(name));
    const questions = places.map(({ place, name, hasSecret }) => {
      const asked = scene.asked(place, name);
      return question(hasSecret ? asked : { ...asked, secret: WRONG_SECRET });
    });
    const rounds = Math.max(...situations.map(({ changes }) => changes.length));
    return await withProgram(folder, async (ask) => {
      const words = [...(await ask(questions, { env: scene.env }))];
      for (let round = 0; round < rounds; round += 1) {
        const met = places.flatMap(({ place, name, changes }, index) => {
          const change = changes[round];
          const test = scene.test(place, name);
          if (change === undefined || test === undefined) return [];
          scene.put(place, change(test));
          return [index];
        });
        const again = met.flatMap((index) => questions[index] ?? []);
        const said = await ask(again, { env: scene.env });
        for (const [position, index] of met.entries()) words[index] = said[position] ?? "nothing";
      }
      return words;
    });
  } finally {
    await scene.close();
  }
}
