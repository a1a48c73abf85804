import { expect, it } from "vitest";

import { stage } from "../../harness/stage.ts";

const media = stage(import.meta.dirname);

it("what is broken over IPv6 alone is found and named, although a client that falls back to IPv4 never notices", async () => {
  await media.apply("policies-of-one-family.yaml");
  const reported = await media.judge();
  expect(reported.verdicts).toEqual({
    "player-plays-the-stream": "Failed Blocked",
    "player-never-reaches-the-console": "Failed Open",
  });
  const stream = reported.expectation("player-plays-the-stream");
  expect(stream.message).toMatch(
    /^2 of 4 paths are blocked, all those over IPv6: Deployment\/player → stream \[fd00:[0-9a-f:]+\]:80: no reply/,
  );
  expect(reported.expectation("player-never-reaches-the-console").message).toMatch(
    /^2 of 4 paths are open, all those over IPv6: Deployment\/player → console \[fd00:[0-9a-f:]+\]:80 answered HTTP 200/,
  );
  const answer = await media.kubectl("media", ["exec", "deployment/player", "--", "node", "-e", FETCH]);
  expect(answer).toMatch(/^stream-\S+ was called from 10\.244\./);
});

it("with both families in the policies every path is as declared", async () => {
  await media.apply("policies-of-both-families.yaml");
  const reported = await media.judge();
  expect(reported.tests.map(({ status }) => status.message)).toEqual(["2 of 2 expectations hold"]);
  const addresses = reported.expectation("player-plays-the-stream").paths.map(({ address }) => address);
  // Of each family the cluster address and the one endpoint.
  expect(addresses.filter((address) => address.startsWith("["))).toHaveLength(2);
  expect(addresses.filter((address) => address.startsWith("10."))).toHaveLength(2);
});

/** By the name of the Service, as an application would: it tries IPv6, and then IPv4. */
const FETCH = `fetch("http://stream").then(async (answer) => process.stdout.write(await answer.text()))`;
