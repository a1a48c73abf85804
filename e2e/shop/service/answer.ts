/** What a role answers to a request. */
export interface Answer {
  readonly status: number;
  readonly type: "application/json" | "text/html";
  readonly body: string;
}

/** One of the shop's services: what it answers to a request such as `GET /health`. */
export type Role = (request: string, query: URLSearchParams) => Promise<Answer>;

export function json(value: unknown, status = 200): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

export function page(body: string): Answer {
  return { status: 200, type: "text/html", body: `<!doctype html><title>Shop</title>${body}\n` };
}

export const healthy = json({ healthy: true });
export const notFound = json({ error: "no such page" }, 404);
