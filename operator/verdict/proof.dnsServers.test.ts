import { describe, expect, it } from "vitest";
import { apart, runOf, targetAlive, type PathSketch } from "../testing/probeRuns.ts";
import { proofsOf, proven } from "./proof.ts";
import { runEvidenceOf } from "./runEvidence.ts";

type Asked = NonNullable<PathSketch["check"]>;

/** The proof of a target that one source may not ask `check`, beside what another source saw of the same address. */
function proofBeside(check: Asked, other: PathSketch) {
  const server = { kind: "Address", backends: [] } as const;
  const paths = [
    { samples: ".....", ...server, check },
    { ...targetAlive, ...server, ...other },
  ];
  const evidence = runEvidenceOf({ run: runOf({ pods: apart, paths }) });
  const [first] = evidence.run;
  return first && proofsOf(proven(first, evidence)).target;
}

const lookup: Asked = { tool: "dns", host: "a", port: undefined };
const overTcp: Asked = { ...lookup, protocol: "TCP" };
const connection: Asked = { tool: "tcp", port: 53 };
const another: Asked = { ...lookup, host: "b", recordType: "SRV" };

describe("a named server is proven", () => {
  it.each<[string, Asked, PathSketch]>([
    ["over UDP by a lookup", lookup, { check: another, samples: "NNNNN" }],
    ["over UDP by an answer that there is no such name", lookup, { check: lookup, samples: "XXXXX" }],
    ["over TCP by a lookup", overTcp, { check: overTcp, samples: "NNNNN" }],
    ["over TCP by a connection to port 53", overTcp, { check: connection, samples: "CCCCC" }],
  ])("%s", (_, check, other) => {
    expect(proofBeside(check, other)).toBe("Observed");
  });

  it.each<[string, Asked, PathSketch]>([
    ["over UDP by a lookup over TCP", lookup, { check: overTcp, samples: "NNNNN" }],
    ["over UDP by a connection to port 53", lookup, { check: connection, samples: "CCCCC" }],
    ["over TCP by a lookup over UDP", overTcp, { check: lookup, samples: "NNNNN" }],
    ["by silence", lookup, { check: lookup, samples: "....." }],
  ])("not %s", (_, check, other) => {
    expect(proofBeside(check, other)).toBe("None");
  });
});
