/** An expectation of one path, from the pods `client` to those of an app; its name says both app and expectation. */
export const expectationToward = (app: string, expected: "Allowed" | "Denied") => ({
  name: `${app}-${expected.toLowerCase()}`,
  from: { podSelector: { matchLabels: { app: "client" } } },
  to: { podSelector: { matchLabels: { app } } },
  tcp: { port: 8080 },
  expect: expected,
});
