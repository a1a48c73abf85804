import { expect, it } from "vitest";
import { connectivityTestSchema } from "../../crds/connectivitytest.ts";
import { type ObservedTest, testSeries } from "./testSeries.ts";

const metadata = { namespace: "shop", name: "web" };
const series = async (name: string, tests: readonly ObservedTest[]) =>
  (await testSeries(tests)).split("\n").filter((line) => line.startsWith(name));

/** A status as the cluster has it. */
const statusOf = (raw: object) => connectivityTestSchema.shape.status.parse(raw);

it("the verdict of a test is 1 in one series of its and 0 in the others", async () => {
  expect(await series("netverdict_test_verdict{", [{ metadata, status: { verdict: "Failed" } }])).toEqual([
    'netverdict_test_verdict{namespace="shop",name="web",verdict="Pending"} 0',
    'netverdict_test_verdict{namespace="shop",name="web",verdict="Passed"} 0',
    'netverdict_test_verdict{namespace="shop",name="web",verdict="Inconclusive"} 0',
    'netverdict_test_verdict{namespace="shop",name="web",verdict="Failed"} 1',
  ]);
});

it("a test that has no status yet is Pending, and has no times", async () => {
  const tests = [{ metadata, status: {} }];
  expect(await series("netverdict_test_verdict{", tests)).toContain(
    'netverdict_test_verdict{namespace="shop",name="web",verdict="Pending"} 1',
  );
  expect(await series("netverdict_test_last_run", tests)).toEqual([]);
  expect(await series("netverdict_test_valid_until", tests)).toEqual([]);
});

it("the times of a test are seconds since 1970", async () => {
  const run = { id: "k3f9q", trigger: "Schedule", startedAt: "2026-11-30T10:00:00Z", generation: 1 };
  const status = statusOf({
    run: { ...run, finishedAt: "2026-11-30T10:00:12.5Z" },
    validUntil: "2026-11-30T11:00:00Z",
  });
  expect(await series("netverdict_test_last_run", [{ metadata, status }])).toEqual([
    'netverdict_test_last_run_timestamp_seconds{namespace="shop",name="web"} 1796032812.5',
  ]);
  expect(await series("netverdict_test_valid_until", [{ metadata, status }])).toEqual([
    'netverdict_test_valid_until_timestamp_seconds{namespace="shop",name="web"} 1796036400',
  ]);
});

it("expectations are counted over all tests, and a reason of another version is Other", async () => {
  const failed = { verdict: "Failed", reason: "Open" } as const;
  const inconclusive = (reason: string) => ({ verdict: "Inconclusive", reason }) as const;
  const tests = [
    { metadata, status: { expectations: [failed, inconclusive("TargetNotProven")] } },
    { metadata, status: { expectations: [failed, inconclusive('New"\nline 1')] } },
  ];
  expect(await series("netverdict_expectations{", tests)).toEqual([
    'netverdict_expectations{verdict="Failed",reason="Open"} 2',
    'netverdict_expectations{verdict="Inconclusive",reason="Other"} 1',
    'netverdict_expectations{verdict="Inconclusive",reason="TargetNotProven"} 1',
  ]);
});

it("a test that is no longer there has no series, and the metrics keep their help and type", async () => {
  const text = await testSeries([]);
  expect(text.split("\n").filter((line) => !line.startsWith("# "))).toEqual([""]);
  expect(text.match(/^# TYPE netverdict_\w+ gauge$/gm)).toHaveLength(4);
});
