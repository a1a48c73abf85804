import { describe, expect, it } from "vitest";
import { dependencies, ended, lookedUp } from "../testing/attempts.ts";
import { check } from "../testing/checks.ts";
import { tryOnce } from "./attempt.ts";

describe("one attempt of a relative name", () => {
  const asked = check(0, { tool: "dns", address: undefined, host: "web" });
  const search = { search: ["first.test", "second.test"], ndots: 5 };
  const answers = (rcode: string) => lookedUp(`** server can't find web: ${rcode}\n`);
  const found = ended({
    stdout: "Server:\t\t192.0.2.53\n\nName:\tweb\nAddress: 192.0.2.9\n",
    elapsedMs: 7,
  });
  const namesOf = ({ exec }: ReturnType<typeof dependencies>) =>
    exec.mock.calls.map(([line]) =>
      line
        .filter((word) => /^[a-z0-9.]+$/.test(word))
        .slice(1)
        .join(" "),
    );

  it("asks for absolute names alone, and says in which domain it was", async () => {
    const by = dependencies({ exits: [answers("SERVFAIL"), found], search });
    expect(await tryOnce(asked, by)).toEqual({
      letter: "N",
      latencyMs: 12,
      answeredIn: { domain: "second.test", muslEnds: "SERVFAIL in first.test" },
    });
    expect(namesOf(by)).toEqual(["web.first.test.", "web.second.test."]);
  });

  it("asks the next name server where the first refuses, as getaddrinfo does", async () => {
    const nameServers = ["192.0.2.53", "192.0.2.54"];
    const by = dependencies({ exits: [answers("REFUSED"), found], search, nameServers });
    expect(await tryOnce(asked, by)).toMatchObject({ letter: "N", answeredIn: { domain: "first.test" } });
    expect(namesOf(by)).toEqual(["web.first.test.", "web.first.test. 192.0.2.54"]);
  });

  it("gives each lookup what is left of the timeout, as the whole number that a child process accepts", async () => {
    const by = dependencies({ exits: [answers("NXDOMAIN"), found], search });
    const times = [0, 0, 0.25, 700.5];
    await tryOnce(asked, { ...by, now: () => times.shift() ?? 800 });
    expect(by.exec.mock.calls.map(([, { limitMs }]) => limitMs)).toEqual([7_000, 4_900]);
  });

  it("says nothing where the timeout ends before the list does", async () => {
    const by = dependencies({ exits: [answers("NXDOMAIN")], search });
    const times = [0, 0, 0, 2_000, 2_000];
    const slow = { ...by, now: () => times.shift() ?? 2_000 };
    expect(await tryOnce(asked, slow)).toEqual({
      letter: "E",
      hint: "the timeout ended before the search list",
    });
  });
});
