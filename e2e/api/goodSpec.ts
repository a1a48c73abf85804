/** An invalid ConnectivityTest, with the answers of the API server and of zod. */
export interface Refused {
  readonly title: string;
  readonly spec: unknown;
  /** Part of the API server's answer: what a person reads. */
  readonly sentence: string;
  /** Part of zod's answer, where the two have different words for a bound of their own. */
  readonly zod?: string;
}

export const base = {
  name: "ui-reads-catalog",
  from: { podSelector: { matchLabels: { app: "ui" } } },
  to: { service: { name: "catalog" } },
  tcp: { port: 80 },
  expect: "Allowed",
};

/** The good expectation that every case but a few changes in one place; undefined takes a field away. */
export const changed = (change: Readonly<Record<string, unknown>>) => ({
  expectations: [{ ...base, ...change }],
});
export const beside = (fields: Readonly<Record<string, unknown>>) => ({ expectations: [base], ...fields });

/** The good object of the table: every case differs from it in one place. */
export const goodSpec: unknown = beside({});
