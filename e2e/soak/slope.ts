/** A measurement: its time, and its value. */
export type Point = readonly [time: number, value: number];

/** The line of least squares through points: its slope, and the standard error of the slope. */
export interface Slope {
  readonly slope: number;
  readonly error: number;
  readonly points: number;
}

/** Undefined for fewer than three points, or if all have the same time. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const count = points.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const [atMean, valueMean] = [mean(points.map(([time]) => time)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [time]) => sum + (time - atMean) ** 2, 0);
  if (count < 3 || spread === 0) return undefined;
  const slope =
    points.reduce((sum, [time, value]) => sum + (time - atMean) * (value - valueMean), 0) / spread;
  const rest = points.reduce(
    (sum, [time, value]) => sum + (value - valueMean - slope * (time - atMean)) ** 2,
    0,
  );
  return { slope, error: Math.sqrt(rest / (count - 2) / spread), points: count };
}

/** The least value of each period of so many units of time: of memory, what is left after the collections of garbage. */
export function leastOfEach(points: readonly Point[], period: number): readonly Point[] {
  const least = new Map<number, Point>();
  for (const point of points) {
    const key = Math.floor(point[0] / period);
    const known = least.get(key);
    if (known === undefined || point[1] < known[1]) least.set(key, point);
  }
  return [...least.values()];
}
