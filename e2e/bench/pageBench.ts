import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { z } from "zod";
import { htmlReport } from "../../operator/status/report/htmlReport.ts";
import { startBrowser } from "../browser/browser.ts";
import { manyResults, type ReportSize } from "../browser/manyResults.ts";
import { Failure } from "../process/failure.ts";
import { benchTable } from "./cpu/benchTable.ts";
import { median } from "./cpu/median.ts";

/** The first is the floor. */
const SIZES: readonly ReportSize[] = [1, 50, 200].map((count) => ({ sources: count, targets: count }));

/** What one page costs; times in milliseconds. */
const pageCostSchema = z.object({
  written: z.number(),
  megabytes: z.number(),
  firstPaint: z.number(),
  loaded: z.number(),
  elements: z.number(),
  renderer: z.number(),
});
type PageCost = z.infer<typeof pageCostSchema>;

/** What the HTML report costs: to write it, to show it in Chromium, and in memory. Prints a table of medians. */
export async function pageBench(repeats = 5): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-page-"));
  const browser = await startBrowser();
  try {
    const rows: string[][] = [];
    for (const size of SIZES) {
      const costs: PageCost[] = [];
      for (let repeat = 0; repeat < repeats; repeat++)
        costs.push(await measurePage(browser, size, join(folder, "report.html")));
      rows.push([
        `${size.sources} × ${size.targets}`,
        ...COLUMNS.map(({ of }) => median(costs.map(of)).toFixed(1)),
      ]);
    }
    const head = ["sources × targets", ...COLUMNS.map(({ title }) => title)];
    process.stdout.write(`${benchTable(head, rows, (column) => column > 0)}\n`);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

const COLUMNS: readonly { readonly title: string; readonly of: (cost: PageCost) => number }[] = [
  { title: "written in ms", of: ({ written }) => written },
  { title: "file MB", of: ({ megabytes }) => megabytes },
  { title: "first paint ms", of: ({ firstPaint }) => firstPaint },
  { title: "loaded ms", of: ({ loaded }) => loaded },
  { title: "elements", of: ({ elements }) => elements },
  { title: "memory of the page MiB", of: ({ renderer }) => renderer },
];

/** Times of the page itself, since the start of its navigation (https://www.w3.org/TR/paint-timing/). */
const TIMES = `({
  firstPaint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  loaded: performance.getEntriesByType("navigation")[0]?.loadEventEnd,
  elements: document.querySelectorAll("*").length,
})`;

async function measurePage(browser: Browser, size: ReportSize, file: string): Promise<PageCost> {
  const report = manyResults(size);
  const started = performance.now();
  await writeFile(file, await htmlReport(report));
  const written = performance.now() - started;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href, { waitUntil: "load", timeout: 120_000 });
    // The paint may come after the load event.
    await page.waitForFunction('performance.getEntriesByName("first-contentful-paint").length > 0');
    const times = z.record(z.string(), z.number()).parse(await page.evaluate(TIMES));
    const megabytes = (await stat(file)).size / 1e6;
    return pageCostSchema.parse({ ...times, written, megabytes, renderer: await rendererMebibytes(browser) });
  } finally {
    await context.close();
  }
}

const processesSchema = z.object({ processInfo: z.array(z.object({ type: z.string(), id: z.number() })) });

/** The resident memory of the largest process that shows a page. */
async function rendererMebibytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = processesSchema.parse(await session.send("SystemInfo.getProcessInfo"));
  await session.detach();
  const sizes = await Promise.all(
    processInfo.filter(({ type }) => type === "renderer").map(async ({ id }) => residentKibibytes(id)),
  );
  return Math.max(...sizes) / 1024;
}

async function residentKibibytes(id: number): Promise<number> {
  const [, amount] = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${id}/status`, "utf8")) ?? [];
  if (amount === undefined) throw new Failure(`/proc/${id}/status has no VmRSS`);
  return Number(amount);
}
