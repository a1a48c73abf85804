import { benchTable } from "./cpu/benchTable.ts";
import { median } from "./cpu/median.ts";
import type { SceneMeasured } from "./measureScene.ts";

/** All measurements of a scene, by the label of the build. */
export interface SceneRow {
  readonly title: string;
  readonly byBuild: ReadonlyMap<string, readonly SceneMeasured[]>;
}

interface Column {
  readonly title: string;
  readonly cell: (all: readonly SceneMeasured[]) => string;
}

const sum = (all: readonly SceneMeasured[], value: (one: SceneMeasured) => number) =>
  all.reduce((total, one) => total + value(one), 0);

const seconds =
  (value: (one: SceneMeasured) => number): Column["cell"] =>
  (all) =>
    median(all.map(value)).toFixed(2);

function range(all: readonly SceneMeasured[], value: (one: SceneMeasured) => number): string {
  const values = all.map(value);
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}…${Math.max(...values).toFixed(2)})`;
}

const COLUMNS: readonly Column[] = [
  { title: "verdict s (min…max)", cell: (all) => range(all, ({ verdict }) => verdict) },
  { title: "floor s", cell: seconds(({ floor }) => floor) },
  { title: "verdict − floor s", cell: seconds(({ verdict, floor }) => verdict - floor) },
  { title: "pods CPU s", cell: seconds(({ podCpu }) => podCpu) },
  { title: "operator CPU s", cell: seconds(({ operatorCpu }) => operatorCpu) },
  {
    title: "operator RSS MiB",
    cell: (all) => (median(all.map(({ operatorResident }) => operatorResident)) / 2 ** 20).toFixed(0),
  },
  {
    title: "Inconclusive",
    cell: (all) =>
      `${sum(all, ({ inconclusive }) => inconclusive)} of ${sum(all, (one) => one.expectations)}`,
  },
  { title: "Failed", cell: (all) => String(sum(all, ({ failed }) => failed)) },
  { title: "repeated runs", cell: (all) => String(sum(all, ({ repeated }) => repeated)) },
  { title: "operator restarts", cell: (all) => String(sum(all, (one) => one.operatorRestarts)) },
];

const ratioOf = (
  before: readonly SceneMeasured[],
  all: readonly SceneMeasured[],
  value: (one: SceneMeasured) => number,
) => (median(all.map(value)) / median(before.map(value))).toFixed(2);

/** A Markdown table with a row for each scene and build: medians, and the ratio to the first build. */
export function matrixTable(rows: readonly SceneRow[]): string {
  const head = ["scene", "build", ...COLUMNS.map(({ title }) => title), "ratio of time", "ratio of CPU"];
  const lines = rows.flatMap(({ title, byBuild }) => {
    const [first = []] = byBuild.values();
    return [...byBuild].map(([build, all]) => [
      title,
      build,
      ...COLUMNS.map(({ cell }) => cell(all)),
      ratioOf(first, all, ({ verdict }) => verdict),
      ratioOf(first, all, ({ podCpu }) => podCpu),
    ]);
  });
  return benchTable(head, lines, (column) => column > 1);
}
