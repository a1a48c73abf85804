/** A series as promtool's test of rules takes it. */
export interface InputSeries {
  readonly series: string;
  /** Its value at each interval: the first one, and how it goes on. */
  readonly values: string;
}

/** How many intervals the series last. */
export const INTERVALS = 120;

/** The series of an exposition: gauges keep their value, and the others grow by one in each interval. */
export function inputSeriesOf(exposition: string): InputSeries[] {
  const lines = exposition.split("\n");
  const types = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      return name === undefined || type === undefined ? [] : [[name, type] as const];
    }),
  );
  return lines.flatMap((line) => {
    const [, series = "", name = "", value = ""] = /^((\w+)(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (line.startsWith("#") || series === "" || value === "NaN") return [];
    const step = types.get(name) === "gauge" ? 0 : 1;
    return [{ series, values: `${decimal(value)}+${step}x${INTERVALS}` }];
  });
}

/** promtool takes no exponents. */
const decimal = (value: string): string => (/e/i.test(value) ? Number(value).toFixed(12) : value);
