import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { GATE_SECRET, RUN_REQUESTED } from "../../crds/group.ts";
import { networkPolicy, runTest } from "../harness/runTest.ts";
import { kubectl, makeNamespace, read } from "../harness/scenario.ts";
import { readTest, TESTS } from "../kube/connectivityTests.ts";
import { apply } from "../kube/deploy.ts";
import { until } from "../process/until.ts";
import { clientReachesWeb, closed, deployClientAndWeb } from "./clientAndWeb.ts";

/** What gates get from the operator's endpoint, by the Service that they use. */

const GATE = "http://netverdict.netverdict-system:8443/gate";

let here = "";
let removeNamespace: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  ({ name: here, remove: removeNamespace } = await makeNamespace("gate-endpoint"));
  // The gates are pods of another label than the source, so that no policy of the test affects them.
  await deployClientAndWeb(here, "gate");
  await runTest({ namespace: here }, { expectations: [clientReachesWeb] });
});
afterAll(async () => removeNamespace());

interface Answer {
  readonly code: number;
  readonly body: string;
}

/** Sends a request from a pod, as the controller of a gate does. */
async function send(path: string, options: readonly string[]): Promise<Answer> {
  const curl = ["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}", ...options];
  const output = await kubectl([
    "exec",
    "deploy/gate",
    `--namespace=${here}`,
    "--",
    ...curl,
    `${GATE}${path}`,
  ]);
  const end = output.trimEnd().lastIndexOf("\n");
  return { code: Number(output.slice(end + 1)), body: output.slice(0, end) };
}

const ask = (query: string, token: string) =>
  send(`/${here}/test?${query}`, ["--header", `Authorization: Bearer ${token}`]);

const answerSchema = z.object({
  verdict: z.string(),
  reason: z.string(),
  run: z.string().nullable(),
});
const answerOf = ({ body }: Answer) => answerSchema.parse(JSON.parse(body));

/** Asks as Argo Rollouts does, until the answer is another than Pending. */
const verdictFor = (query: string, token: string) =>
  until(
    `a verdict for ${query}`,
    async () => {
      const answer = answerOf(await ask(query, token));
      return answer.verdict === "Pending" ? undefined : answer;
    },
    { seconds: 100, everyMs: 1_000 },
  );

async function accountToken(account: string): Promise<string> {
  await kubectl(["create", "serviceaccount", account, `--namespace=${here}`]);
  return (await kubectl(["create", "token", account, `--namespace=${here}`])).trim();
}

async function gateToken(account: string): Promise<string> {
  const token = await accountToken(account);
  const flags = ["--clusterrole=netverdict-gate", `--serviceaccount=${here}:${account}`];
  await kubectl(["create", "rolebinding", account, ...flags, `--namespace=${here}`]);
  return token;
}

describe("a gate with a service account", () => {
  it("gets the result of the run of its token, and a second token another run", async () => {
    const token = await gateToken("gate");
    // The API server's authorizer needs a moment for the new RoleBinding.
    const before = await until(
      "the right counts",
      async () => {
        const answer = await ask("maxAge=1h", token);
        return answer.code === 403 ? undefined : answerOf(answer);
      },
      { seconds: 30, everyMs: 1_000 },
    );
    expect(before).toMatchObject({ verdict: "Passed", reason: "AsExpected" });
    // The last verdict is from before this change, which the test does not name in rerunOn.
    await apply(kubectl, networkPolicy({ namespace: here, name: "closed" }, closed));
    const bad = await verdictFor("token=release-1", token);
    expect(bad).toMatchObject({ verdict: "Failed", reason: "Blocked" });
    await kubectl(["delete", "networkpolicy", "closed", `--namespace=${here}`]);
    expect(answerOf(await ask("token=release-1", token))).toEqual(bad);
    const good = await verdictFor("token=release-2", token);
    expect(good).toMatchObject({ verdict: "Passed" });
    expect(new Set([before.run, bad.run, good.run]).size).toBe(3);
    const { metadata, status } = await readTest(read, { namespace: here, name: "test" });
    expect(status.handledRequests?.map(({ token: handled }) => handled)).toEqual(["release-2", "release-1"]);
    expect(metadata.annotations[RUN_REQUESTED]).toBeUndefined();
  });

  it("that may not get the test is rejected, and so is one that may not request runs, or has no token", async () => {
    const stranger = await accountToken("stranger");
    const account = `system:serviceaccount:${here}:stranger`;
    const rejected = await ask("maxAge=1h", stranger);
    expect(rejected.code).toBe(403);
    expect(JSON.parse(rejected.body)).toEqual({
      error: "Forbidden",
      message: `${account}: it may not get ConnectivityTest ${here}/test. Bind the ClusterRole netverdict-gate to it in namespace ${here}.`,
    });
    const reader = await accountToken("reader");
    const flags = ["--clusterrole=view", `--serviceaccount=${here}:reader`, `--namespace=${here}`];
    await kubectl(["create", "rolebinding", "reader", ...flags]);
    await until(
      "the right counts",
      async () => ((await ask("maxAge=1h", reader)).code === 200 ? true : undefined),
      {
        seconds: 30,
        everyMs: 1_000,
      },
    );
    expect(await ask("token=of-a-reader", reader)).toMatchObject({ code: 403 });
    expect(await send(`/${here}/test?maxAge=1h`, [])).toMatchObject({ code: 401 });
    expect(await ask("maxAge=1h", "no-token-of-this-cluster")).toMatchObject({ code: 401 });
  });
});

it("a webhook of Flagger with the secret of the test gets 409 until the run of its hook has passed", async () => {
  const secret = randomBytes(16).toString("hex");
  const digest = createHash("sha256").update(secret).digest("hex");
  await kubectl(["annotate", TESTS, "test", `--namespace=${here}`, `${GATE_SECRET}=${digest}`]);
  const payload = (own: string) => [
    "--request",
    "POST",
    "--header",
    "Content-Type: application/json",
    "--data",
    JSON.stringify({
      name: "web",
      namespace: here,
      phase: "Progressing",
      checksum: "85877bd876",
      metadata: { hook: "pre-rollout", test: "test", secret: own },
    }),
  ];
  const first = await until(
    "the annotation is in the caches",
    async () => {
      const answer = await send("/flagger", payload(secret));
      return answer.code === 401 ? undefined : answer;
    },
    { seconds: 30, everyMs: 500 },
  );
  expect(first.code).toBe(409);
  expect(first.body).toContain(`ConnectivityTest ${here}/test: Pending (InProgress): `);
  const last = await until(
    "a result",
    async () => {
      const answer = await send("/flagger", payload(secret));
      return answer.code === 409 && answer.body.includes("Pending") ? undefined : answer;
    },
    { seconds: 100, everyMs: 1_000 },
  );
  expect(last.code).toBe(200);
  expect(answerOf(last)).toMatchObject({ verdict: "Passed" });
  expect(await send("/flagger", payload("f".repeat(32)))).toMatchObject({ code: 401 });
});
