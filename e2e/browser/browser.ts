import { type Browser, chromium } from "playwright-core";
import { timedReport } from "../process/report.ts";
import { missingPackages, packageStep } from "../cluster/build/debianPackages.ts";

const PACKAGES = ["../../browser/packages.txt"];
const CHROMIUM = "/usr/bin/chromium";

/** Starts Debian's Chromium without a window, and installs it first where it is missing. */
export async function startBrowser(): Promise<Browser> {
  const missing = await missingPackages(PACKAGES);
  const report = timedReport();
  const step = packageStep(missing, report);
  if (!step.isDone) await step.run(() => undefined);
  // Root has no sandbox. The pages are our own.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}
