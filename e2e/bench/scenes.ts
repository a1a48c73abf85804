import { connectivityTest, MORE_PORTS, testOf, type Site } from "./cluster/workloads.ts";

/** What makes the cluster harder to measure in. */
export type Hindrance = "slow network" | "busy cores";

/** What is measured: tests that are created at the same time. */
export interface Scene {
  readonly title: string;
  readonly tests: (site: Site) => readonly { readonly name: string; readonly object: object }[];
  /** How many probe pods it needs, for its floor. */
  readonly pods: number;
  readonly hindrance?: Hindrance;
}

/** The first four are closed by the NetworkPolicy: with them, 72 of 162 paths are denied. */
export const PEERS = { sources: 10, targets: 10, closed: 4 } as const;
const MATRIX = 9;

const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

/** Each source toward each target, in both families: one test for each source. */
const matrix: Scene["tests"] = ({ namespace }) =>
  Array.from({ length: MATRIX }, (_, from) => {
    const expectations = Array.from({ length: MATRIX }, (__, to) => ({
      name: `target-${to}`,
      from: pods(`source-${from}`),
      to: pods(`target-${to}`),
      tcp: { port: 8080 },
      expect: to < PEERS.closed ? "Denied" : "Allowed",
    }));
    const name = `matrix-${from}`;
    return { name, object: testOf(namespace, name, expectations) };
  });

const denied = (port: number) => ({
  name: `denied-${port}`,
  from: pods("source-0"),
  to: pods("target-0"),
  tcp: { port },
  expect: "Denied",
});

const open = {
  name: "open",
  from: pods("source-0"),
  to: pods("target-9"),
  tcp: { port: 8080 },
  expect: "Allowed",
};

const single =
  (name: string, expectations: readonly object[]): Scene["tests"] =>
  ({ namespace }) => [{ name, object: testOf(namespace, name, expectations) }];

/** In the order in which they are measured. */
export const SCENES: readonly Scene[] = [
  { title: "one Allowed", pods: 1, tests: single("one-allowed", [open]) },
  { title: "one Denied alone", pods: 1, tests: single("one-denied", [denied(8080)]) },
  { title: "20 Denied and one Allowed", pods: 1, tests: single("twenty", [...MORE_PORTS.map(denied), open]) },
  {
    title: "100 expectations of 10 sources",
    pods: 10,
    tests: (site) => [{ name: "hundred", object: connectivityTest(site, { name: "hundred", ...PEERS }) }],
  },
  { title: "matrix 9 × 9, both families", pods: MATRIX, tests: matrix },
  {
    title: "matrix, each new pod waits 10 s for its network",
    pods: MATRIX,
    tests: matrix,
    hindrance: "slow network",
  },
  { title: "matrix, all cores busy", pods: MATRIX, tests: matrix, hindrance: "busy cores" },
];
