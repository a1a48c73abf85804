import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { json, startFakeServer } from "../testing/fakeServer.ts";
import { createApi } from "./api.ts";
import { createServerClock } from "./serverClock.ts";

const START = Date.parse("2026-11-21T12:00:00Z");

/** A clock of this machine that is ahead of the API server's by so many milliseconds (behind, if negative). */
function setUp(ahead: number) {
  let passed = 0;
  const warn = vi.fn<(message: string, fields?: object) => void>();
  const clock = createServerClock({
    log: { warn },
    monotonic: () => passed,
    wallClock: () => START + ahead + passed,
  });
  const pass = (milliseconds: number) => void (passed += milliseconds);
  /** An answer as it comes over the wire: it is dated in whole seconds, somewhere between the request and its arrival. */
  function hear({ there, back }: { there: number; back: number }) {
    const asked = passed;
    pass(there);
    const date = new Date(Math.floor((START + passed) / 1_000) * 1_000).toUTCString();
    pass(back);
    clock.learn({ date, asked, answered: passed });
  }
  /** How far the clock is from the API server's. */
  const error = () => clock.now().getTime() - (START + passed);
  return { clock, hear, pass, error, warn };
}

describe("the clock of the API server", () => {
  it("is this machine's before the API server has answered", () => {
    expect(setUp(60_000).error()).toBe(60_000);
  });

  it.each([60_000, -60_000, 86_400_000])(
    "is known after one answer, also where this machine's differs by %i ms",
    (ahead) => {
      const { hear, error } = setUp(ahead);
      hear({ there: 20, back: 30 });
      expect(Math.abs(error())).toBeLessThanOrEqual(1_050);
    },
  );

  it("is never further off than a second and the time that the last answer took, and never so for a clock that is right", () => {
    const answers = fc.array(
      fc.record({ there: fc.nat(5_000), back: fc.nat(5_000), before: fc.nat(10_000) }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), answers, (ahead, heard) => {
        const [skewed, right] = [setUp(ahead), setUp(0)];
        for (const { before, ...answer } of heard) {
          for (const { pass, hear } of [skewed, right]) {
            pass(before);
            hear(answer);
          }
          expect(Math.abs(skewed.error())).toBeLessThanOrEqual(1_000 + answer.there + answer.back);
          expect(right.error()).toBe(0);
        }
      }),
    );
  });

  it("is not learned from an answer without a date that can be read", () => {
    const { clock, error } = setUp(60_000);
    clock.learn({ date: "yesterday", asked: 0, answered: 1 });
    expect(error()).toBe(60_000);
  });

  it("that differs from this machine's is logged once, with the difference", () => {
    const { hear, warn } = setUp(60_000);
    hear({ there: 0, back: 0 });
    hear({ there: 500, back: 700 });
    expect(warn.mock.calls).toEqual([[expect.stringContaining("clock"), { aheadSeconds: 59 }]]);
  });

  it("that agrees with this machine's is not logged", () => {
    const { hear, warn } = setUp(1_500);
    hear({ there: 10, back: 10 });
    expect(warn).not.toHaveBeenCalled();
  });
});

it("every answer of the API server, a refusal too, reports its time, and a proxy's page does not", async () => {
  const server = await startFakeServer();
  const clock = createServerClock({ log: { warn: vi.fn<() => void>() } });
  const api = createApi({ kubeConfig: server.kubeConfig, onAnswer: clock.learn });
  const hourAgo = Date.now() - 3_600_000;
  server.answer((response) => {
    response
      .writeHead(404, { date: new Date(hourAgo).toUTCString(), "content-type": "application/json" })
      .end("{}");
  });
  await expect(api.get("/api/v1/nodes/a")).rejects.toMatchObject({ code: 404 });
  expect(Math.abs(clock.now().getTime() - hourAgo)).toBeLessThan(60_000);
  server.answer(json({}), (response) => {
    response
      .writeHead(502, { date: new Date(hourAgo).toUTCString(), "content-type": "text/html" })
      .end("<html>");
  });
  await api.get("/api/v1/nodes/a");
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
  await expect(api.get("/api/v1/nodes/a")).rejects.toMatchObject({ code: 502 });
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
  await api.close();
  await server.close();
});
