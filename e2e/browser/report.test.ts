import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { htmlReport } from "../../operator/status/report/htmlReport.ts";
import { manyResults, type ReportSize } from "./manyResults.ts";
import { startBrowser } from "./browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => browser.close());

const SMALL: ReportSize = { sources: 6, targets: 14 };

/** In pixels, between the margins. */
const A4_WIDTH = 718;

async function opened(size: ReportSize, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(async () => context.close());
  const page = await context.newPage();
  await page.setContent(await htmlReport(manyResults(size)), { timeout: 120_000 });
  return page;
}

const numbersSchema = z.array(z.number());

describe("the HTML report", () => {
  it.each([360, 768, 1440])("is no wider than a window of %i pixels", async (width) => {
    const page = await opened(SMALL, { viewport: { width, height: 900 } });
    const [content, window] = numbersSchema.parse(
      await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]"),
    );
    expect(content).toBe(window);
    // The names of the sources stay readable, and their rows low.
    const heights = numbersSchema.parse(
      await page.evaluate("[...document.querySelectorAll('tbody tr')].map((row) => row.offsetHeight)"),
    );
    expect(Math.max(...heights)).toBeLessThan(80);
  });

  it.each(["light", "dark"] as const)(
    "has no violation that axe finds, in %s colours",
    async (colorScheme) => {
      const page = await opened(SMALL, { colorScheme });
      await page.evaluate(axe.source);
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
      const violations = z
        .array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }))
        .parse(await page.evaluate("axe.run().then(({ violations }) => violations)"));
      expect(violations).toEqual([]);
    },
  );

  it("unfolds the evidence of a cell by the keyboard alone", async () => {
    const page = await opened(SMALL);
    const isOnCell = async () =>
      (await page.evaluate("document.activeElement.closest('td') !== null")) === true;
    for (let presses = 0; presses < 10 && !(await isOnCell()); presses++) await page.keyboard.press("Tab");
    expect(await isOnCell()).toBe(true);
    expect(await page.locator("details[open]").count()).toBe(0);
    await page.keyboard.press("Enter");
    await page.locator("details[open]").waitFor();
    expect(await page.locator("details[open] summary").innerText()).toContain("source-0-block-0");
    expect(await page.locator("details[open] pre").innerText()).toContain(
      "Deployment/source-0 → Service/target-0",
    );
  });

  it("hides what has passed, and shows it again", async () => {
    const page = await opened(SMALL);
    const passed = page.locator("details.passed").first();
    expect(await passed.isVisible()).toBe(true);
    await page.getByLabel("Hide what has passed").check();
    expect(await passed.isVisible()).toBe(false);
    expect(await page.locator("details.failed").first().isVisible()).toBe(true);
  });

  it("shows the evidence of a cell that has passed while others that have passed are hidden", async () => {
    const page = await opened(SMALL);
    await page.getByLabel("Hide what has passed").check();
    await page.locator("td.passed a").first().click();
    await page.locator("details.passed[open] pre").waitFor();
    expect(await page.locator("details.passed:visible").count()).toBe(1);
  });

  // A reader of paper does not see that columns are missing.
  it.each([
    ["fits on paper", { sources: 6, targets: 20 }, true],
    ["is not printed if it is too wide for paper, which the print says", { sources: 6, targets: 21 }, false],
  ])("has a matrix that %s", async (_, size, isPrinted) => {
    const page = await opened(size, { viewport: { width: A4_WIDTH, height: 900 } });
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".matrix").isVisible()).toBe(isPrinted);
    expect(await page.getByText("The matrix is too wide for paper").isVisible()).toBe(!isPrinted);
    const [content] = numbersSchema.parse(await page.evaluate("[document.documentElement.scrollWidth]"));
    expect(content).toBeLessThanOrEqual(A4_WIDTH);
  });

  it("prints that what has passed is hidden, if it is", async () => {
    const page = await opened(SMALL);
    await page.emulateMedia({ media: "print" });
    const label = page.getByLabel("Hide what has passed");
    expect(await label.isVisible()).toBe(false);
    await page.emulateMedia({ media: "screen" });
    await label.check();
    await page.emulateMedia({ media: "print" });
    expect(await label.isVisible()).toBe(true);
  });

  it("prints the evidence of each expectation", async () => {
    const page = await opened(SMALL);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("details pre").last().isVisible()).toBe(true);
  });

  it("asks for nothing from the network", async () => {
    const page = await opened(SMALL);
    const requests: string[] = [];
    page.on("request", (request) => void requests.push(request.url()));
    await page.setContent(await htmlReport(manyResults(SMALL)), { waitUntil: "load" });
    expect(requests).toEqual([]);
  });

  it("stays usable with 200 sources and 200 targets", async () => {
    const page = await opened({ sources: 200, targets: 200 });
    expect(await page.locator("td a").count()).toBe(40_000);
    await page.locator("tbody tr").last().locator("td a").last().click();
    await page.locator("details[open]").waitFor();
    expect(await page.locator("details[open] summary").innerText()).toContain("source-199-block-24");
  });
});
