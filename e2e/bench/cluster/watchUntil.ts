import type { Api } from "../../../operator/runtime/api.ts";

/**
 * Watches a collection until `done` says so of an object, and gives the seconds from the start of `begin` to that
 * event. Watching begins first, so that nothing is missed; fails after `limit` seconds.
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
  const { resourceVersion } = await firstPage(api, path);
  const stop = new AbortController();
  const overdue = AbortSignal.timeout(limit * 1_000);
  let started = 0;
  let ended: number | undefined;
  const watching = api.watch(
    path,
    { resourceVersion },
    {
      signal: AbortSignal.any([stop.signal, overdue]),
      onEvent: ({ object }) => {
        if (ended !== undefined || !done(object)) return;
        ended = performance.now();
        stop.abort();
      },
    },
  );
  started = performance.now();
  await begin();
  await watching.catch((error: unknown) => {
    if (!stop.signal.aborted && !overdue.aborted) throw error;
  });
  if (ended === undefined) throw new Error(`nothing came of ${path} within ${limit} s`);
  return (ended - started) / 1_000;
}

async function firstPage(api: Api, path: string) {
  for await (const page of api.pages(path)) return page;
  throw new Error(`${path} has no page`);
}
