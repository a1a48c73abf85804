import { expect, test } from "vitest";

import { showMoving, timedReport } from "./report.ts";

function screen(properties: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { ...properties, written, write: (text: string) => written.push(text) };
}

test("Lines do not move in a log.", () => {
  const log = screen({});
  expect(showMoving("step 1 of 3", log)).toBe(false);
  expect(log.written).toEqual([]);
});

test("On a terminal a moving line replaces the one before, and is never so long that it wraps.", () => {
  const terminal = screen({ isTTY: true, columns: 12 });
  expect(showMoving("step 1 of 3, about 6 min left", terminal)).toBe(true);
  showMoving("", terminal);
  expect(terminal.written).toEqual(["\r\u001B[Kstep 1 of 3", "\r\u001B[K"].map((text) => text.slice(0, 15)));
});

test("A line of the report stays above the moving line.", () => {
  const terminal = screen({ isTTY: true });
  showMoving("step 2 of 3", terminal);
  timedReport(Date.now(), terminal)("apt-get update had errors");
  showMoving("", terminal);
  expect(terminal.written.join("")).toBe(
    "\r\u001B[Kstep 2 of 3\r\u001B[K    0.0s  apt-get update had errors\nstep 2 of 3\r\u001B[K",
  );
});
