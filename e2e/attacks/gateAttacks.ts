import type { Attacks } from "./attack.ts";

const REVIEW = "TokenReview by the API server";
const RIGHTS = "SubjectAccessReview by the API server";
const SECRET = "the digest of the secret in the test's annotation";

/** What a client of the operator's HTTP servers tries. The first number of an answer is its status code. */
export const GATE_ATTACKS = {
  who: "A pod that reaches the operator",
  test: "gates.unit.test.ts",
  rows: {
    anonymous: {
      attempt: "a verdict of the gate endpoint without credentials",
      by: REVIEW,
      result: "401 the request: it has no credentials",
    },
    otherToken: {
      attempt: "a verdict with a token of another cluster",
      by: REVIEW,
      result: "401 Authorization: the API server does not accept the token",
    },
    otherTest: {
      attempt: "a verdict with a token for another test",
      by: RIGHTS,
      result: "403 other: it may not get ConnectivityTest shop/net",
    },
    unknownTest: {
      attempt: "whether a test exists, with a token for another test",
      by: RIGHTS,
      result: "403 other: it may not get ConnectivityTest shop/gone",
    },
    run: {
      attempt: "a run, with a token that may only read the test",
      by: RIGHTS,
      result: "403 reader: it may not patch ConnectivityTest shop/net",
    },
    secret: {
      attempt: "a verdict with a guessed secret",
      by: SECRET,
      result: "401 ConnectivityTest shop/net",
    },
    flaggerSecret: {
      attempt: "a webhook call with a guessed secret",
      by: SECRET,
      result: "401 ConnectivityTest shop/net",
    },
    shortSecret: {
      attempt: "a secret that could be guessed",
      by: "the minimum of 32 characters",
      result: "400 header Netverdict-Secret: must have 32 to 256 characters",
    },
    rollback: {
      attempt: "a webhook call for a hook in which 200 starts a rollback",
      by: "validation of the body",
      result: "400 body metadata hook: must be the type of the webhook",
    },
    large: {
      attempt: "a body of 20,000 bytes",
      by: "the maximum of 16,384 bytes",
      result: "413 body: it has more than 16384 bytes",
    },
    otherPath: {
      attempt: "another path, to reach other objects",
      by: "the list of paths",
      result: "404 /gate/shop/net/status: there is no such path",
    },
    often: {
      attempt: "more than 120 requests in a minute for one test",
      by: "the limit of requests in a minute",
      result: "429 gate for ConnectivityTest shop/net: too many requests in this minute",
    },
    report: {
      attempt: "the report of a namespace without credentials",
      by: REVIEW,
      result: "401 Authorization: it is no bearer token",
    },
    otherReport: {
      attempt: "the report of a namespace, with a token that may read only one test in it",
      by: RIGHTS,
      result: "403 reader: it may not list ConnectivityTests of namespace shop",
    },
    wholeReport: {
      attempt: "the report of all tests, with a token that may list the tests of one namespace",
      by: RIGHTS,
      result: "403 lister: it may not list ConnectivityTests of all namespaces",
    },
    browserPassword: {
      attempt: "a run, by a web page that uses the password which a browser has kept for the report",
      by: "the gate endpoint, which accepts no password",
      result: "401 Authorization: it is no bearer token",
    },
    metrics: {
      attempt: "the metrics without a token, if they are protected",
      by: REVIEW,
      result: "401 Authorization: it is no bearer token",
    },
    metricsToken: {
      attempt: "the protected metrics with a token for a test",
      by: RIGHTS,
      result: "403 tenant: it may not get /metrics",
    },
  },
} as const satisfies Attacks;
