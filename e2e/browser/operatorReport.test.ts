import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { htmlReport } from "../../operator/status/report/htmlReport.ts";
import { reportOf } from "../../operator/status/report/testReport.ts";
import { startGate } from "../../operator/testing/gateScene.ts";
import { connectivityTest, expectation, later } from "../../operator/testing/objects.ts";
import { endedRun, published, verdictOn } from "../../operator/testing/statuses.ts";
import { startBrowser } from "./browser.ts";

const TOKEN = "viewer-token";
const path = {
  from: "Deployment/orders",
  to: "Service/mysql",
  address: "10.96.0.7:3306",
  verdict: "Passed",
  reason: "AsExpected",
  actual: "Denied",
  samples: ".....",
  proof: { target: "Witness", source: "NodeContact", link: "SameNode" },
} as const;
const test = published({
  test: connectivityTest({
    spec: {
      expectations: [expectation({ name: "a", to: { service: { name: "mysql" } }, tcp: { port: 3306 } })],
    },
  }),
  ended: {
    ...endedRun([]),
    verdicts: [verdictOn("a", { verdict: "Passed", pathCount: 1, paths: [path] })],
  },
  now: later(30_000),
});

let browser: Browser;
let gate: Awaited<ReturnType<typeof startGate>>;
beforeAll(async () => {
  browser = await startBrowser();
  gate = await startGate({ [TOKEN]: { username: "viewer", may: ["list shop/"] } });
  gate.put(test);
});
afterAll(async () => {
  await browser.close();
  await gate.close();
});

async function opened(options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  onTestFinished(async () => context.close());
  const page = await context.newPage();
  return { page, url: `http://127.0.0.1:${gate.port}/report/shop` };
}

it("Chromium asks its user for a password, and sends nothing else", async () => {
  const { page, url } = await opened();
  // Without a user who answers, Chromium gives up here.
  await expect(page.goto(url)).rejects.toThrow("ERR_INVALID_AUTH_CREDENTIALS");
});

it("Chromium shows the page of the command-line program when the password is a token of the cluster", async () => {
  const { page, url } = await opened({ httpCredentials: { username: "any", password: TOKEN } });
  const complaints: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  const response = await page.goto(url);
  expect(response?.status()).toBe(200);
  expect(await response?.headerValue("content-encoding")).toBe("gzip");
  const report = await reportOf([test], gate.state.now);
  expect(await response?.text()).toBe(await htmlReport(report));
  await page.locator("td a").click();
  expect(await page.locator("details[open] pre").isVisible()).toBe(true);
  // The Content-Security-Policy of the response permits the styles of the page, and nothing is missing.
  expect(await page.evaluate("getComputedStyle(document.querySelector('td a')).textAlign")).toBe("center");
  expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
});

it("Chromium shows why if the user may not list the tests", async () => {
  const { page, url } = await opened({ httpCredentials: { username: "any", password: TOKEN } });
  const response = await page.goto(url.replace("/shop", ""));
  expect(response?.status()).toBe(403);
  expect(await page.locator("body").innerText()).toContain("use /report/NAMESPACE");
});
