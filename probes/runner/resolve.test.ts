import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveBy, type Lookup } from "./resolve.ts";

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe("resolving a host", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("gives the address", async () => {
    const resolve = resolveBy(() => Promise.resolve("192.0.2.2"), 2_000);
    expect(await resolve("a.example", "IPv4")).toEqual({ address: "192.0.2.2" });
  });

  it.each([
    ["ENOTFOUND", "NameNotFound"],
    ["EAI_AGAIN", "ResolverFailed"],
    ["EAI_FAIL", "ResolverFailed"],
  ])("calls %s %s", async (code, outcome) => {
    const resolve = resolveBy(failing(code), 2_000);
    expect(await resolve("a.example", "IPv4")).toEqual({ outcome, hint: code });
  });

  it("throws what says nothing about the name", async () => {
    await expect(resolveBy(failing("EAI_MEMORY"), 2_000)("a.example", "IPv4")).rejects.toThrow("EAI_MEMORY");
  });

  it("gives up in time", async () => {
    const resolve = resolveBy(() => new Promise(() => undefined), 2_000);
    const resolved = resolve("a.example", "IPv4");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await resolved).toMatchObject({ outcome: "NoReply" });
  });

  it("shares a lookup that is in progress, and asks again once it has ended", async () => {
    const answers: ((address: string) => void)[] = [];
    const lookup = vi.fn<Lookup>(() => new Promise<string>((answer) => void answers.push(answer)));
    const resolve = resolveBy(lookup, 2_000);
    const first = resolve("a.example", "IPv4");
    await vi.advanceTimersByTimeAsync(1_500);
    const second = resolve("a.example", "IPv4");
    const other = resolve("a.example", "IPv6");
    expect(lookup).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(600);
    for (const answer of answers) answer("192.0.2.2");
    expect(await first).toMatchObject({ outcome: "NoReply" });
    expect(await second).toEqual({ address: "192.0.2.2" });
    expect(await other).toEqual({ address: "192.0.2.2" });
    void resolve("a.example", "IPv4");
    expect(lookup).toHaveBeenCalledTimes(3);
  });
});
