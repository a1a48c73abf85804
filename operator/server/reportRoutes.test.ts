import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { clusterExpectationSchema } from "../../crds/expectation.ts";
import { htmlReport } from "../status/report/htmlReport.ts";
import { reportOf } from "../status/report/testReport.ts";
import { startGate } from "../testing/gateScene.ts";
import { connectivityTest, expectation, later } from "../testing/objects.ts";
import { endedRun, published } from "../testing/statuses.ts";

const USERS = {
  "admin-token": {
    username: "admin",
    may: ["list /", "list shop/", "list a/", "list cluster:/", "get shop/net"],
  },
  "namespaces-token": { username: "namespaces", may: ["list /"] },
  "viewer-token": { username: "viewer", may: ["list shop/", "list empty/"] },
};

const passed = published({
  test: connectivityTest({
    spec: {
      schedule: { every: "10m" },
      expectations: [expectation({ name: "a", to: { service: { name: "web" } }, tcp: { port: 80 } })],
    },
  }),
  ended: endedRun(["Passed"]),
  now: later(30_000),
});
/** A ClusterConnectivityTest, which names its namespaces. */
const edges = connectivityTest({
  metadata: { namespace: "", name: "edges" },
  spec: {
    expectations: [
      clusterExpectationSchema.parse({
        name: "a",
        from: { namespaceSelector: { matchLabels: { team: "web" } }, podSelector: {} },
        to: { service: { name: "api", namespace: "shop" } },
        tcp: { port: 80 },
        expect: "Allowed",
      }),
    ],
  },
});
type Stored = typeof passed;
const testAt = (namespace: string, name: string, status: Partial<Stored["status"]> = {}): Stored => ({
  ...passed,
  metadata: { ...passed.metadata, namespace, name },
  status: { ...passed.status, ...status },
});
/** In the order of the API server's lists, and the ClusterConnectivityTest last. */
const ALL = [
  testAt("a-bank", "net"),
  testAt("a", "net"),
  testAt("shop", "net"),
  testAt("shop", "web"),
  { ...testAt("", "edges"), spec: edges.spec },
];
const IN_SHOP = ALL.slice(2, 4);

let gate: Awaited<ReturnType<typeof startGate>>;
beforeEach(async () => {
  gate = await startGate(USERS);
  for (const test of ALL) gate.put(test);
});
afterEach(() => gate.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString("base64")}` });

async function ask(path: string, headers: Record<string, string> = bearer("admin-token"), method = "GET") {
  const response = await gate.fetch(path, { headers, method });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const NO_TOKEN = "Authorization: it is no bearer token.";

describe("the report of the operator", () => {
  it.each([
    ["/report", "admin-token", ALL],
    ["/report/shop", "viewer-token", IN_SHOP],
    ["/report/empty", "viewer-token", []],
  ])(
    "at %s is the page that the command-line program writes of the same tests",
    async (path, token, tests) => {
      const { status, text } = await ask(path, bearer(token));
      expect(status).toBe(200);
      expect(text).toBe(await htmlReport(await reportOf(tests, gate.state.now)));
      expect(text.match(/<strong>a<\/strong>: expected Denied, actual Denied/g) ?? []).toHaveLength(
        tests.length,
      );
    },
  );

  it("may not be kept, framed or run, and is compressed for who asks for it", async () => {
    const { headers } = await ask("/report/shop");
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "text/html; charset=UTF-8",
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "content-encoding": "gzip",
    });
    expect(headers.has("set-cookie")).toBe(false);
  });

  it.each([
    ["any user name", "me:admin-token"],
    ["no user name", ":admin-token"],
    ["a newline of the shell behind it", "me:admin-token\n"],
  ])("takes a token as the password of a browser, with %s", async (_, login) => {
    expect(await ask("/report", basic(login))).toMatchObject({ status: 200 });
  });

  it.each([
    { of: "no token", headers: {}, answer: `401 ${NO_TOKEN} Enter the token of a user as the password` },
    { of: "a user name alone", headers: basic("admin-token"), answer: `401 ${NO_TOKEN}` },
    { of: "a password with a space", headers: basic("me:admin token"), answer: `401 ${NO_TOKEN}` },
    {
      of: "a token of another cluster",
      headers: basic("me:other"),
      answer: "401 Authorization: the API server does not accept",
    },
    {
      of: "a token that may list the tests of a namespace alone",
      headers: bearer("viewer-token"),
      answer:
        "403 viewer: it may not list ConnectivityTests of all namespaces. Bind the ClusterRole netverdict-report to it, or use /report/NAMESPACE.",
    },
    {
      of: "a token that may list no ClusterConnectivityTests",
      headers: bearer("namespaces-token"),
      answer: "403 namespaces: it may not list ClusterConnectivityTests of all namespaces.",
    },
  ])("is not for $of", async ({ headers, answer }) => {
    const { status, text, headers: own } = await ask("/report", headers);
    expect(`${status} ${text.replace(/.*"message":"/, "")}`).toContain(answer);
    // A browser asks its user again, also if the token has expired.
    const challenge = status === 401 ? 'Basic realm="netverdict", charset="UTF-8"' : null;
    expect(own.get("www-authenticate")).toBe(challenge);
  });

  it("of a namespace is for those who may list its tests", async () => {
    expect(await ask("/report/a", bearer("viewer-token"))).toMatchObject({ status: 403 });
  });

  it("is for GET and HEAD, and has no other path", async () => {
    const head = await ask("/report", bearer("admin-token"), "HEAD");
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(await ask("/report", bearer("admin-token"), "POST")).toMatchObject({ status: 405 });
    expect(await ask("/report/shop", bearer("admin-token"), "DELETE")).toMatchObject({ status: 405 });
    expect(await ask("/report/shop/net")).toMatchObject({ status: 404 });
  });

  it("is not given while a gate would get no verdict", async () => {
    gate.state.unready = "no replica holds the lease. Try again later";
    expect(await ask("/report")).toMatchObject({ status: 503 });
  });

  it("is limited for each caller", async () => {
    for (let count = 0; count < 30; count += 1) await ask("/report", undefined, "HEAD");
    const { status, headers } = await ask("/report");
    expect([status, headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await ask("/report/shop", bearer("viewer-token"))).toMatchObject({ status: 200 });
  });
});

it("a browser's password is none for a gate: any page of another origin could request a run with it", async () => {
  const { status, headers } = await ask("/gate/shop/net?maxAge=1h", basic("me:admin-token"));
  expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({ status: 200 });
});

describe("a caller that does not read", () => {
  /** Larger than what a connection holds without its reader. */
  const large = Array.from({ length: 10 }, (_, index) =>
    testAt("shop", `large-${index}`, {
      expectations: passed.status.expectations?.map((result) => ({
        ...result,
        message: "m".repeat(1_000_000),
      })),
    }),
  );

  const readers: Socket[] = [];
  // The server ends with its last connection.
  afterEach(() => readers.splice(0).forEach((socket) => socket.destroy()));

  /** Sends a request, and reads nothing of the answer but its beginning. */
  async function silentReader(port: number) {
    const socket = connect(port, "127.0.0.1");
    readers.push(socket);
    // The server may end the connection at any time, also before its answer has begun.
    socket.on("error", () => undefined);
    const begun = Promise.withResolvers<void>();
    socket.once("readable", begun.resolve).once("close", begun.resolve);
    await once(socket, "connect");
    socket.write("GET /report HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token\r\n\r\n");
    await begun.promise;
    return socket;
  }

  async function fourReaders({ state, port }: typeof gate) {
    state.others = large;
    return Promise.all(Array.from({ length: 4 }, () => silentReader(port)));
  }

  it("keeps one of four places until it goes, and no gate from its answer", async () => {
    const [reader] = await fourReaders(gate);
    const fifth = await ask("/report");
    expect([fifth.status, fifth.headers.get("retry-after")]).toEqual([429, "5"]);
    expect(await ask("/gate/shop/net?maxAge=1h")).toMatchObject({ status: 200 });
    reader?.destroy();
    await vi.waitFor(async () => expect(await ask("/report/a")).toMatchObject({ status: 200 }), 5_000);
  });

  it("loses its connection and its place when nothing has moved for too long", async () => {
    const impatient = await startGate(USERS, { idle: 200 });
    onTestFinished(() => impatient.close());
    await fourReaders(impatient);
    const status = async () =>
      (await impatient.fetch("/report/empty", { headers: bearer("viewer-token") })).status;
    await vi.waitFor(async () => expect(await status()).toBe(200), 10_000);
  });
});
