import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type EnteredWatchOptions, watchEntered } from "./enteredWatch.ts";

let proc = "";
let newest = 0;
const onEntered = vi.fn<EnteredWatchOptions["onEntered"]>();

interface Started {
  readonly name?: string;
  readonly session?: number;
}

function start(pid: number, parent: number, { name = "sh", session = 1 }: Started = {}): void {
  mkdirSync(join(proc, `${pid}`), { recursive: true });
  writeFileSync(
    join(proc, `${pid}`, "stat"),
    `${pid} (${name}) S ${parent} ${pid} ${session} 0 -1 4194560\n`,
  );
  newest = Math.max(newest, pid);
  writeFileSync(join(proc, "loadavg"), `0.52 0.41 0.37 1/9 ${newest}\n`);
}
const end = (pid: number) => rmSync(join(proc, `${pid}`), { recursive: true });
const watch = (pid = 1) => watchEntered({ pid, proc, onEntered });

beforeEach(() => {
  vi.useFakeTimers();
  onEntered.mockClear();
  proc = mkdtempSync(join(tmpdir(), "netverdict-proc-"));
  newest = 0;
  mkdirSync(join(proc, "sys"));
  start(1, 0, { name: "node" });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(proc, { recursive: true });
});

describe("another process in the container", () => {
  it("is seen within 25 ms of its start", () => {
    const { stop } = watch();
    vi.advanceTimersByTime(100);
    start(17, 0);
    expect(onEntered).not.toHaveBeenCalled();
    vi.advanceTimersByTime(25);
    expect(onEntered.mock.calls).toEqual([["sh"]]);
    stop();
    vi.advanceTimersByTime(1_000);
    expect(onEntered).toHaveBeenCalledOnce();
  });

  it("is seen if it was started before the watch", () => {
    start(9, 0);
    watch().stop();
    expect(onEntered).toHaveBeenCalledOnce();
  });

  it("is seen if what has started it is gone, so that the runner is its parent", () => {
    start(17, 1, { name: "sleep", session: 16 });
    watch().stop();
    expect(onEntered.mock.calls).toEqual([["sleep"]]);
  });

  it("is seen at once on request, also if the kernel gives no numbers", () => {
    const { look, stop } = watch();
    start(17, 0);
    writeFileSync(join(proc, "loadavg"), "0.00 0.00 0.00 0/0 0\n");
    look();
    expect(onEntered).toHaveBeenCalledOnce();
    stop();
  });

  it("is seen within half a second if the kernel gives no numbers", () => {
    writeFileSync(join(proc, "loadavg"), "0.00 0.00 0.00 0/0 0\n");
    const { stop } = watch();
    vi.advanceTimersByTime(100);
    start(17, 0);
    writeFileSync(join(proc, "loadavg"), "0.00 0.00 0.00 0/0 0\n");
    vi.advanceTimersByTime(500);
    expect(onEntered).toHaveBeenCalledOnce();
    stop();
  });

  it.each(["a) S 1 (b", "sh\n", ""])("is recognised with any name: %j", (name) => {
    start(17, 0, { name });
    watch().stop();
    expect(onEntered.mock.calls).toEqual([[name]]);
  });
});

describe("is no other process:", () => {
  const seen = () => {
    const { look, stop } = watch();
    look();
    stop();
    return onEntered.mock.calls;
  };

  it("a tool of the runner, and what that starts", () => {
    start(12, 1, { name: "curl" });
    start(13, 12, { name: "resolver" });
    expect(seen()).toEqual([]);
  });

  it("a process that has ended since the list was read", () => {
    start(12, 0);
    end(12);
    mkdirSync(join(proc, "12"));
    expect(seen()).toEqual([]);
  });

  it("anything, if the runner is not the first process of its container", () => {
    start(12, 0);
    const { look, stop } = watch(7);
    look();
    stop();
    expect(onEntered).not.toHaveBeenCalled();
  });
});
