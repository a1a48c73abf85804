import { expect, it } from "vitest";

import { stage } from "../../harness/stage.ts";

const collector = stage(import.meta.dirname);

const passed = "Passed AsExpected";
const asMeant = {
  partner: passed,
  "not-the-partners-other-half": passed,
  "nobody-else": passed,
  "nobody-else-over-ipv6": passed,
  "no-metadata": passed,
  store: passed,
};

it("a policy that allows the internet allows the metadata of the cloud, and the test says so", async () => {
  await collector.apply("policy-internet.yaml");
  const reported = await collector.judge();
  const open = "Failed Open";
  expect(reported.verdicts).toEqual({
    ...asMeant,
    "not-the-partners-other-half": open,
    "nobody-else": open,
    "no-metadata": open,
  });
  expect(reported.expectation("no-metadata").message).toMatch(
    /^the path is open: Deployment\/collector → 169\.254\.169\.254:80 answered HTTP 200/,
  );
});

it("one network without a part of it is open, and that part and all else are proven to be closed", async () => {
  await collector.apply("policy-partner.yaml");
  const reported = await collector.judge();
  expect(reported.verdicts).toEqual(asMeant);
  const proofs = ["not-the-partners-other-half", "nobody-else", "nobody-else-over-ipv6", "no-metadata"].map(
    (name) => reported.expectation(name).paths[0]?.proof.target,
  );
  expect(proofs).toEqual(["Witness", "Witness", "Witness", "Witness"]);
});
