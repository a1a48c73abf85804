import { z } from "zod";
import { celPattern, withRules } from "./validationRules.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const PATTERN = /^([0-9]{1,6}(ms|s|m|h))+$/;

/**
 * Returns the milliseconds of a duration such as `1m30s` (Go's format, as everywhere in Kubernetes); undefined if the
 * text is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined;
  return [...text.matchAll(/([0-9]+)(ms|[smh])/g)].reduce(
    (sum, [, amount = "0", unit = "ms"]) => sum + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
}

/** Formats a span, rounded for readers: `250ms`, `1.8s`, `2m30s`, `10m`. */
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

/** `0.04ms`, `0.8ms`, `12ms`, `1.2s`: tenths of a millisecond only below 10 ms, hundredths below 0.1 ms. */
export function formatLatency(milliseconds: number): string {
  if (milliseconds >= 10) return formatDuration(milliseconds);
  return `${Number(milliseconds.toFixed(milliseconds < 0.1 ? 2 : 1))}ms`;
}

/** A schema of a duration between two bounds, which are durations too. */
export function durationBetween(least: string, most: string) {
  const bounds = [parseDuration(least) ?? 0, parseDuration(most) ?? 0] as const;
  const within = `duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`;
  return withRules(z.string().max(24), [
    {
      // The pattern comes first: for a text that is not a duration, duration() would return an error instead of this
      // sentence.
      cel: `self.matches(${celPattern(PATTERN)}) && ${within}`,
      message: `must be a duration between ${least} and ${most}, such as 90s or 1m30s`,
      holds: (text) => {
        const value = parseDuration(text) ?? -1;
        return value >= bounds[0] && value <= bounds[1];
      },
    },
  ]);
}
