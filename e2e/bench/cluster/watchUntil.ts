import type { Api, WatchEvent } from "../../../operator/runtime/api.ts";

/**
 * Watches a collection until `done` says so of an object, and gives the seconds from the start of `begin` to that
 * event. Watching begins first, so that nothing is missed; fails after `limit` seconds. An API server with much to do may end a
 * watch, so what it has missed is listed, and the next one begins.
 */
export async function watchUntil(
  api: Api,
  {
    path,
    begin,
    done,
    limit,
  }: { path: string; begin: () => Promise<void>; done: (object: unknown) => boolean; limit: number },
): Promise<number> {
  const stop = new AbortController();
  const overdue = AbortSignal.timeout(limit * 1_000);
  const signal = AbortSignal.any([stop.signal, overdue]);
  let ended: number | undefined;
  function onEvent({ object }: Pick<WatchEvent, "object">) {
    if (ended !== undefined || !done(object)) return;
    ended = performance.now();
    stop.abort();
  }
  async function watchFrom(resourceVersion: string): Promise<void> {
    await api.watch(path, { resourceVersion }, { signal, onEvent }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) return;
    const { items, resourceVersion: next } = await listed(api, path);
    for (const object of items) onEvent({ object });
    await watchFrom(next);
  }
  const watching = watchFrom((await listed(api, path)).resourceVersion);
  const started = performance.now();
  await begin();
  await watching;
  if (ended === undefined) throw new Error(`nothing came of ${path} within ${limit} s`);
  return (ended - started) / 1_000;
}

async function listed(api: Api, path: string) {
  const items: unknown[] = [];
  let resourceVersion = "";
  for await (const page of api.pages(path)) {
    items.push(...page.items);
    ({ resourceVersion } = page);
  }
  return { items, resourceVersion };
}
