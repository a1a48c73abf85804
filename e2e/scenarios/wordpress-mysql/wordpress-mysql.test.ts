import { expect, it } from "vitest";

import { stage } from "../../harness/stage.ts";

const blog = stage(import.meta.dirname);

const asMeant = {
  "wordpress-reads-its-database": "Passed AsExpected",
  "wordpress-reaches-no-other-port": "Passed AsExpected",
  "nobody-else-of-the-blog-reaches-the-database": "Passed AsExpected",
  "comments-reach-wordpress": "Passed AsExpected",
  "a-copy-of-wordpress-never-reaches-the-database": "Passed AsExpected",
  "the-copy-reaches-its-own-page": "Passed AsExpected",
  "monitoring-reads-the-metrics": "Passed AsExpected",
  "monitoring-never-reaches-the-data": "Passed AsExpected",
};

it("a dash too many lets in more pods than were meant, and the test names the path that is open", async () => {
  await blog.apply("policy-or.yaml");
  const reported = await blog.judge();
  const name = "nobody-else-of-the-blog-reaches-the-database";
  expect(reported.verdicts).toEqual({ ...asMeant, [name]: "Failed Open" });
  const { message } = reported.expectation(name);
  expect(message).toMatch(
    /^2 of 2 paths are open: Deployment\/comments → mariadb\.database [0-9.]+:3306 connected in [0-9.]+ ms; no policy blocks it\. /,
  );
});

it("without that dash the same tests pass", async () => {
  await blog.apply("policy-and.yaml");
  expect((await blog.judge()).verdicts).toEqual(asMeant);
});
