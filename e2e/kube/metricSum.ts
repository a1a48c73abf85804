/** Returns the sum of a metric over its labels in Prometheus' text format; 0 if there is none. `counts` selects lines. */
export function metricSum(
  text: string,
  metric: string,
  counts: (line: string) => boolean = () => true,
): number {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter(counts)
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
