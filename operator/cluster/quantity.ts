const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Parses a quantity into cores or bytes (`100m`, `1.5Gi`, `1e3`;
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/). Throws for any other text.
 */
export function parseQuantity(quantity: string): number {
  const [, digits = "", suffix = ""] = /^([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const amount = Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
  if (digits === "" || Number.isNaN(amount)) throw new Error(`${quantity} is not a quantity`);
  return amount;
}

/** Formats an amount of CPU in thousandths of a core. */
export const formatCores = (amount: number) => `${Math.round(amount * 1_000)}m`;

const MEBIBYTE = 2 ** 20;

/** Formats an amount of memory, in mebibytes if that is exact. */
export const formatBytes = (amount: number) =>
  amount % MEBIBYTE === 0 ? `${amount / MEBIBYTE}Mi` : String(Math.ceil(amount));
