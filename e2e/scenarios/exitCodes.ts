/** One row of the table in docs/cli.md: what a gate meets, and how the program ends. */
export interface ExitCase {
  /** After `netverdict`; NAME is a test, and FILE a file with one. */
  readonly command: string;
  readonly when: string;
  readonly code: 0 | 1 | 2 | 3 | 4;
  /** What it prints, of which the line has more behind it. The test is shop/web. */
  readonly says: string;
}

/** Every exit code of the program, by what exit-codes.test.ts does to get it. */
export const EXIT_CASES = {
  passes: {
    command: "run NAME",
    when: "its run has passed",
    code: 0,
    says: "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold",
  },
  holds: {
    command: "wait NAME",
    when: "the last verdict is Passed, and still holds",
    code: 0,
    says: "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold",
  },
  "two-gates": {
    command: "run NAME",
    when: "two gates run one test at the same time, and both of their runs have passed",
    code: 0,
    says: "ConnectivityTest shop/web: Passed: 1 of 1 expectations hold",
  },
  shown: {
    command: "get NAME",
    when: "the test was read; it may have failed",
    code: 0,
    says: "ConnectivityTest shop/web: Failed: client-to-web: expected Denied, was Allowed (Open)",
  },
  reported: {
    command: "report NAME --format junit",
    when: "the test was read; it may have failed",
    code: 0,
    says: '<failure message="Failed: ',
  },
  explained: {
    command: "explain NAME/EXPECTATION",
    when: "the test was read; it may have failed",
    code: 0,
    says: "ConnectivityTest shop/web: Failed: client-to-web: expected Denied, was Allowed (Open)",
  },
  sound: {
    command: "lint FILE",
    when: "the file has no problem",
    code: 0,
    says: "FILE: no problem in 1 object",
  },
  fails: {
    command: "run NAME",
    when: "its run has failed",
    code: 1,
    says: "ConnectivityTest shop/web: Failed: client-to-web: expected Denied, was Allowed (Open)",
  },
  failed: {
    command: "wait NAME",
    when: "the last verdict is Failed, and still holds",
    code: 1,
    says: "ConnectivityTest shop/web: Failed: client-to-web: expected Denied, was Allowed (Open)",
  },
  sourceless: {
    command: "run NAME",
    when: "nothing was proven: no pod is the source",
    code: 2,
    says: "ConnectivityTest shop/web: Inconclusive: client-to-web: expected Allowed, could not be judged (SourceNotFound)",
  },
  suspended: {
    command: "run NAME",
    when: "no run can start: the test is suspended",
    code: 2,
    says: "ConnectivityTest shop/web: Inconclusive: spec.suspend is true",
  },
  unknown: {
    command: "run NAME",
    when: "there is no such test",
    code: 3,
    says: "ConnectivityTest shop/web: it does not exist. Check the name and the namespace.",
  },
  guarded: {
    command: "run NAME",
    when: "the user has no rights",
    code: 3,
    says: 'ConnectivityTest shop/web: connectivitytests.netverdict.dev "web" is forbidden',
  },
  "bad-token": {
    command: "run NAME",
    when: "the token of the kubeconfig is malformed",
    code: 3,
    says: "SERVER: the API server rejects the credentials (Unauthorized). Log in again.",
  },
  deleted: {
    command: "run NAME",
    when: "the test is deleted while the command waits",
    code: 3,
    says: "ConnectivityTest shop/web: it was deleted before it had a result. Create it, and run the command again.",
  },
  unreachable: {
    command: "run NAME",
    when: "the API server does not respond",
    code: 3,
    says: "SERVER: no response of the Kubernetes API (",
  },
  usage: {
    command: "run NAME --timout 1s",
    when: "an option is misspelt",
    code: 3,
    says: "netverdict: unknown option '--timout'",
  },
  misspelt: {
    command: "lint FILE",
    when: "the file has a problem",
    code: 3,
    says: "spec.expectations[0].exspect: there is no such field. Did you mean expect?",
  },
  slow: {
    command: "run NAME --timeout 1s",
    when: "there is no result within the time, which is 10 minutes by default",
    code: 4,
    says: "ConnectivityTest shop/web: no result within 1s: ",
  },
} as const satisfies Readonly<Record<string, ExitCase>>;
