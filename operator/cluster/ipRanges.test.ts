import { isIP } from "node:net";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { canonical, isRange, isWithin } from "./ipRanges.ts";

it.each([
  ["10.1.2.3", ["10.0.0.0/8"], true],
  ["11.1.2.3", ["10.0.0.0/8"], false],
  ["fd00::1", ["10.0.0.0/8", "fd00::/8"], true],
  ["::ffff:10.1.2.3", ["10.0.0.0/8"], true],
  ["10.1.2.3", ["::/0"], false],
  ["10.1.2.3", ["0.0.0.0/0"], true],
  ["64:ff9b::a01:203", ["10.0.0.0/8"], false],
  ["2002:a01:203::1", ["10.0.0.0/8"], false],
  ["fe80::1%eth0", ["fe80::/10"], false],
  ["010.1.2.3", ["10.0.0.0/8"], false],
  ["10.1.2.3", [], false],
  ["example.com", ["0.0.0.0/0"], false],
])("%s within %j: %s", (address, ranges, within) => {
  expect(isWithin(address, ranges)).toBe(within);
});

it.each([
  ["10.0.0.0/8", true],
  ["fd00::/8", true],
  ["10.0.0.1", false],
  ["10.0.0.0/33", false],
  ["10/8", false],
  ["", false],
])("%s is a range: %s", (text, is) => {
  expect(isRange(text)).toBe(is);
});

it.each([
  ["2001:DB8:0::0001", "2001:db8::1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["10.0.0.1", "10.0.0.1"],
  ["fe80::1%eth0", undefined],
  ["web", undefined],
])("%s is written %s", (address, written) => {
  expect(canonical(address)).toBe(written);
});

describe("the canonical text of an address", () => {
  it("is that of ipaddr.js, for any address", () => {
    const group = fc.constantFrom("0", "0", "1", "ffff", "0db8", "A00");
    const grouped = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":"));
    const inIPv6 = fc.ipV4().map((address) => `::ffff:${address}`);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), grouped, inIPv6), (address) => {
        expect(canonical(address)).toBe(ipaddr.process(address).toString());
      }),
    );
  });

  it("is there for an address, and for no other text", () => {
    const near = fc.array(fc.constantFrom("1", "ff", ":", "::", ".", "%", "]", "/", "0", "g"), {
      maxLength: 12,
    });
    const text = fc.oneof(
      fc.string(),
      near.map((parts) => parts.join("")),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(canonical(address) !== undefined).toBe(isIP(address) !== 0 && !address.includes("%"));
      }),
    );
  });
});
