import { describe, expect, it } from "vitest";
import type { NodeContact } from "../nodeContact.ts";
import { watchNodeContact } from "./contactWatch.ts";

const NODE = "192.0.2.11";
const NODE_V6 = "2001:db8::11";

/** What is known after these contacts, each by its time and the address it came from, and what was said. */
function after(contacts: readonly (readonly [at: number, from: string | undefined])[]) {
  const lines: string[] = [];
  let at = 0;
  const watch = watchNodeContact({
    nodeAddresses: [NODE, NODE_V6],
    now: () => at,
    say: (line) => void lines.push(line),
  });
  for (const [time, from] of contacts) {
    at = time;
    watch.onConnection(from);
  }
  return { contact: watch.latest(), lines };
}

describe("contacts of the node", () => {
  const cases: readonly [string, Parameters<typeof after>[0], NodeContact | undefined][] = [
    ["are none before the first", [], undefined],
    [
      "last from the first to the last",
      [
        [100, NODE],
        [1_100, NODE],
        [2_100, NODE],
      ],
      { address: NODE, first: 100, last: 2_100 },
    ],
    [
      "go on over one that was lost",
      [
        [0, NODE],
        [2_500, NODE],
      ],
      { address: NODE, first: 0, last: 2_500 },
    ],
    [
      "begin anew where two were lost",
      [
        [0, NODE],
        [2_501, NODE],
      ],
      { address: NODE, first: 2_501, last: 2_501 },
    ],
    [
      "are known by IPv4 over a socket of both families",
      [[0, `::ffff:${NODE}`]],
      { address: NODE, first: 0, last: 0 },
    ],
    ["are known by IPv6", [[0, NODE_V6]], { address: NODE_V6, first: 0, last: 0 }],
    [
      "begin anew at another address of the node",
      [
        [0, NODE],
        [100, NODE_V6],
      ],
      { address: NODE_V6, first: 100, last: 100 },
    ],
    ["count in whole milliseconds", [[0.6, NODE]], { address: NODE, first: 1, last: 1 }],
  ];

  it.for(cases)("%s", ([, contacts, expected]) => {
    expect(after(contacts).contact).toEqual(expected);
  });

  it.each([
    ["a pod", "10.244.1.7"],
    ["another node", "192.0.2.12"],
    ["an address that only begins like the node's", "192.0.2.110"],
    ["the pod itself", "127.0.0.1"],
    ["the pod itself by IPv6", "::1"],
    ["a peer that has gone before it could be asked", undefined],
  ])("are none from %s", (_, from) => {
    expect(after([[0, from]]).contact).toBeUndefined();
    expect(
      after([
        [0, NODE],
        [1_000, from],
        [2_000, from],
        [3_000, NODE],
      ]).contact?.first,
    ).toBe(3_000);
  });

  it("are reported once, and so is the first unknown address", () => {
    const { lines } = after([
      [0, "10.244.1.7"],
      [5, "10.244.1.8"],
      [10, NODE],
      [1_010, NODE],
    ]);
    expect(lines).toEqual([
      "a contact from 10.244.1.7 does not count: it is no address of this node\n",
      `the node reaches this pod, from ${NODE}\n`,
    ]);
  });
});
