import { describe, expect, it } from "vitest";
import { GATE_SECRET } from "../../crds/group.ts";
import { bearer, flaggerCall, gateClient, SECRET, testAfter } from "../testing/gateClient.ts";
import { later } from "../testing/objects.ts";

const { gate, ask } = gateClient();

interface Rejected {
  readonly name: string;
  readonly path?: string;
  readonly init?: RequestInit;
  readonly status: number;
  readonly message: string;
}
const JSON_ERRORS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  413: "BodyTooLarge",
};

describe("a request that gets no verdict", () => {
  it.each<Rejected>([
    {
      name: "neither token nor maxAge",
      path: "/gate/shop/net",
      status: 400,
      message: "query: must have token",
    },
    {
      name: "a token with a space",
      path: "/gate/shop/net?token=a%20b",
      status: 400,
      message: "query token: must have 1 to 200 characters of A-Z a-z 0-9 . _ : / @ -",
    },
    { name: "an empty token", path: "/gate/shop/net?token=", status: 400, message: "query token: must have" },
    {
      name: "a long token",
      path: `/gate/shop/net?token=${"a".repeat(201)}`,
      status: 400,
      message: "query token: must have",
    },
    {
      name: "two tokens",
      path: "/gate/shop/net?token=a&token=b",
      status: 400,
      message: "query token: may be given only once.",
    },
    {
      name: "a maxAge without a unit",
      path: "/gate/shop/net?maxAge=60",
      status: 400,
      message: "query maxAge: must be a duration from 10s to 720h, such as 90s or 1m30s.",
    },
    {
      name: "a maxAge that no run can keep",
      path: "/gate/shop/net?maxAge=9s",
      status: 400,
      message: "query maxAge: must be a duration from 10s",
    },
    {
      name: "a misspelt parameter",
      path: "/gate/shop/net?token=a&maxage=1m",
      status: 400,
      message: "query: maxage is unknown. Check its spelling.",
    },
    {
      name: "a malformed name",
      path: "/gate/shop/Net?maxAge=1m",
      status: 400,
      message: "path name: must be",
    },
    {
      name: "no credentials",
      init: {},
      status: 401,
      message:
        "the request: it has no credentials. Send Authorization: Bearer TOKEN, or the secret of the gate.",
    },
    {
      name: "another scheme",
      init: { headers: { authorization: "Basic dTpw" } },
      status: 401,
      message: "Authorization: it is no bearer token.",
    },
    {
      name: "a token that the API server does not accept",
      init: bearer("expired"),
      status: 401,
      message: "Authorization: the API server does not accept the token. Create another one.",
    },
    {
      name: "a wrong secret",
      init: { headers: { "netverdict-secret": "f".repeat(32) } },
      status: 401,
      message: `ConnectivityTest shop/net: it does not exist, or does not accept this secret. Compare the annotation ${GATE_SECRET}.`,
    },
    {
      name: "a short secret",
      init: { headers: { "netverdict-secret": "short" } },
      status: 400,
      message: "header Netverdict-Secret: must have 32 to 256 characters",
    },
    {
      name: "a secret for a test that does not exist",
      path: "/gate/shop/gone?maxAge=1m",
      init: { headers: { "netverdict-secret": SECRET } },
      status: 401,
      message: "ConnectivityTest shop/gone: it does not exist, or does not accept this secret.",
    },
    {
      name: "a user without rights",
      init: bearer("other-token"),
      status: 403,
      message:
        "other: it may not get ConnectivityTest shop/net. Bind the ClusterRole netverdict-gate to it in namespace shop.",
    },
    {
      name: "a user without rights for a test that does not exist",
      path: "/gate/shop/gone?maxAge=1m",
      init: bearer("other-token"),
      status: 403,
      message: "other: it may not get ConnectivityTest shop/gone.",
    },
    {
      name: "a user who may not request runs",
      path: "/gate/shop/net?token=new",
      init: bearer("reader-token"),
      status: 403,
      message: "reader: it may not patch ConnectivityTest shop/net.",
    },
    {
      name: "a test that does not exist",
      path: "/gate/shop/gone?maxAge=1m",
      status: 404,
      message: "ConnectivityTest shop/gone: it does not exist. Check the name and the namespace.",
    },
    {
      name: "another path",
      path: "/verdict",
      status: 404,
      message:
        "/verdict: there is no such path. Use /gate/NAMESPACE/NAME, /gate/flagger, /report or /report/NAMESPACE.",
    },
    {
      name: "another method",
      init: { method: "DELETE" },
      status: 405,
      message: "the method: it is not GET. Use GET.",
    },
  ])(
    "$name is rejected with $status",
    async ({ path = "/gate/shop/net?maxAge=1h", init, status, message }) => {
      gate().put(testAfter("Passed"));
      const answer = await ask(path, init);
      expect(answer).toMatchObject({ status, body: { error: JSON_ERRORS[status] } });
      expect(answer.body).toMatchObject({ message: expect.stringContaining(message) as unknown });
      expect(gate().test()?.status).not.toHaveProperty("pendingRequests");
    },
  );

  it.each<Rejected>([
    { name: "no JSON", init: { method: "POST", body: "{" }, status: 400, message: "body: it is not JSON." },
    {
      name: "no test",
      init: flaggerCall({ metadata: { hook: "pre-rollout", secret: SECRET } }),
      status: 400,
      message: "body metadata test: ",
    },
    {
      name: "misspelt metadata",
      init: flaggerCall({ metadata: { hook: "pre-rollout", test: "net", maxage: "1m" } }),
      status: 400,
      message: "body metadata: maxage is unknown. Check its spelling.",
    },
    {
      name: "the hook rollback, where 200 starts one",
      init: flaggerCall({ metadata: { hook: "rollback", test: "net", secret: SECRET } }),
      status: 400,
      message: "body metadata hook: must be the type of the webhook, one of confirm-rollout, pre-rollout",
    },
    {
      name: "no hook, although the same body may come from a rollback hook",
      init: flaggerCall({ metadata: { test: "net", secret: SECRET } }),
      status: 400,
      message: "body metadata hook: must be the type of the webhook",
    },
    {
      name: "too large a body",
      init: flaggerCall({ metadata: { hook: "pre-rollout", test: "net", secret: "x".repeat(20_000) } }),
      status: 413,
      message: "body: it has more than 16384 bytes. Shorten the metadata.",
    },
    {
      name: "no credentials",
      init: flaggerCall({ metadata: { hook: "pre-rollout", test: "net" } }),
      status: 401,
      message: "the request: it has no credentials.",
    },
    { name: "another method", init: {}, status: 405, message: "the method: it is not POST. Use POST." },
  ])("$name of Flagger is rejected with $status and a sentence", async ({ init, status, message }) => {
    gate().put(testAfter("Passed"));
    const answer = await ask("/gate/flagger", init);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(message);
    expect(gate().test()?.status).not.toHaveProperty("pendingRequests");
  });

  it("a test that is being deleted does not exist", async () => {
    const test = testAfter("Passed");
    gate().put({ ...test, metadata: { ...test.metadata, deletionTimestamp: later(0).toISOString() } });
    expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({ status: 404 });
  });

  it("a caller has 120 requests in a minute for one test, and then waits for the next minute", async () => {
    gate().put(testAfter("Passed"));
    for (let count = 0; count < 120; count += 1) await ask("/gate/shop/net?maxAge=1h");
    gate().state.monotonic = 20_000;
    const { status, body, response } = await ask("/gate/shop/net?maxAge=1h");
    expect([status, response.headers.get("retry-after")]).toEqual([429, "40"]);
    expect(body).toMatchObject({
      error: "TooManyRequests",
      message: "gate for ConnectivityTest shop/net: too many requests in this minute. Ask again after 40 s.",
    });
    expect(await ask("/gate/shop/net?maxAge=1h", bearer("reader-token"))).toMatchObject({ status: 200 });
    gate().state.monotonic = 60_000;
    expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({ status: 200 });
  });

  it("an address has 600 requests in a minute, however it authenticates", async () => {
    for (let count = 0; count < 600; count += 1) await ask("/gate/shop/net?maxAge=1h", {});
    expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({
      status: 429,
      body: { message: "this address: too many requests in this minute. Ask again after 60 s." },
    });
  });
});
