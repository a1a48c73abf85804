import { expect, it } from "vitest";
import { searchOptionsOf } from "./resolvConf.ts";

it.each([
  ["", { search: [], ndots: 1 }],
  [
    "nameserver 10.96.0.10\nsearch a.test b.test\noptions ndots:5\n",
    { search: ["a.test", "b.test"], ndots: 5 },
  ],
  ["search a.test\nsearch b.test c.test\n", { search: ["b.test", "c.test"], ndots: 1 }],
  ["search a.test b.test\ndomain c.test\n", { search: ["c.test"], ndots: 1 }],
  ["search .\noptions edns0 ndots:2 timeout:1\noptions ndots:3\n", { search: ["."], ndots: 3 }],
  ["# search a.test\n; options ndots:3\noptions ndots:99\n", { search: [], ndots: 15 }],
])("resolv.conf %j has the search options %j", (text, options) => {
  expect(searchOptionsOf(text)).toEqual(options);
});
