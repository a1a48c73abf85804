import { type Api, pageSizeOf, parsePages, type WatchEvent } from "../../../operator/runtime/api.ts";
import { ApiError } from "../../../operator/runtime/apiError.ts";
import type { Log } from "../../../operator/runtime/log.ts";

/** What the parts that are measured get instead of a cluster: lists that were written down before, and watches at will. */
export interface Cluster {
  readonly api: Api;
  /** An event of the watch of a collection. */
  event(path: string, event: WatchEvent): void;
  /** What was written since the last call: the bodies, by path. */
  takeWritten(): ReadonlyMap<string, unknown>;
}

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Collections by path. Each page is JSON until it is asked for, so that parsing it is a part of what is measured. */
export function clusterOf(collections: ReadonlyMap<string, readonly unknown[]>): Cluster {
  const pagesOf = new Map(
    collections.entries().map(([path, items]) => [path, pagesOfSize(items, pageSizeOf(path))] as const),
  );
  const watches = new Map<string, (event: WatchEvent) => void>();
  let written = new Map<string, unknown>();

  async function* pages(path: string) {
    for (const text of pagesOf.get(path) ?? ["[]"]) {
      const items: unknown = JSON.parse(text);
      yield { items: Array.isArray(items) ? items : [], resourceVersion: "1" };
      // The next page is another answer of the API server, and never comes in the same turn.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  const missing = () =>
    Promise.reject(
      new ApiError({ code: 404, status: { reason: "NotFound", message: "" }, retryAfter: undefined }),
    );

  return {
    event: (path, event) => watches.get(path)?.(event),
    takeWritten() {
      const all = written;
      written = new Map();
      return all;
    },
    api: {
      pages,
      list: (path, parse) => parsePages(pages(path), parse),
      watch(path, _, { onEvent }) {
        watches.set(path, onEvent);
        return new Promise(() => {});
      },
      get: missing,
      async create(path, body) {
        written.set(path, body);
        return body;
      },
      async update(path, body) {
        written.set(path, body);
        return body;
      },
      patch: missing,
      apply: missing,
      async delete(path) {
        written.set(path, undefined);
      },
      close: async () => {},
    },
  };
}

function pagesOfSize(items: readonly unknown[], size: number): string[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, page) =>
    JSON.stringify(items.slice(page * size, (page + 1) * size)),
  );
}
