import { z } from "zod";
import { celPattern, withRules } from "./rules.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const PATTERN = /^([0-9]{1,6}(ms|s|m|h))+$/;

/** Milliseconds of a duration such as `1m30s` (Go's notation, as everywhere in Kubernetes); undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined;
  return [...text.matchAll(/([0-9]+)(ms|[smh])/g)].reduce(
    (sum, [, amount = "0", unit = "ms"]) => sum + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
}

/** The shortest text for a span, rounded to what a person reads: `250ms`, `1.8s`, `2m30s`, `10m`. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1_000) return `${Math.round(milliseconds)}ms`;
  if (Math.round(milliseconds / 100) < 600) return `${Number((milliseconds / 1_000).toFixed(1))}s`;
  const seconds = Math.round(milliseconds / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "m"],
    [seconds % 60, "s"],
  ];
  return parts.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : "")).join("");
}

/** A duration between two bounds, both written as durations too. */
export function durationBetween(least: string, most: string) {
  const bounds = [parseDuration(least) ?? 0, parseDuration(most) ?? 0] as const;
  const within = `duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`;
  return withRules(z.string().max(24), [
    {
      // The pattern first: duration() of a text that is none would be an error instead of this sentence.
      cel: `self.matches(${celPattern(PATTERN)}) && ${within}`,
      message: `must be a duration between ${least} and ${most}, such as 90s or 1m30s`,
      holds: (text) => {
        const value = parseDuration(text) ?? -1;
        return value >= bounds[0] && value <= bounds[1];
      },
    },
  ]);
}
