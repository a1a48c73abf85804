import { isIP } from "node:net";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { canonical, isGloballyRoutable, isRange, isWithin } from "./ipRanges.ts";

describe("globally routable", () => {
  it.each(["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00::1"])(
    "is %s",
    (address) => {
      expect(isGloballyRoutable(address)).toBe(true);
    },
  );

  it.each([
    ["private", "10.0.0.1"],
    ["private", "172.16.0.1"],
    ["private", "192.168.1.1"],
    ["shared by carriers, and by clouds for their own services", "100.100.100.200"],
    ["link-local, where clouds keep their metadata", "169.254.169.254"],
    ["loopback", "127.0.0.1"],
    ["this network", "0.0.0.0"],
    ["documentation", "203.0.113.10"],
    ["benchmarking", "198.18.0.1"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["unique local", "fd00:ec2::254"],
    ["link-local", "fe80::1"],
    ["site-local, as it once was", "fec0::1"],
    ["loopback", "::1"],
    ["unspecified", "::"],
    ["documentation", "2001:db8::1"],
    ["a private IPv4 address, mapped", "::ffff:10.0.0.1"],
    ["a public IPv4 address, mapped: it is dialled as IPv4 is, and was not asked for so", "::ffff:127.0.0.1"],
    ["an IPv4 address, compatible", "::10.0.0.1"],
    ["an IPv4 address behind NAT64", "64:ff9b::a00:1"],
    ["an IPv4 address behind 6to4", "2002:a00:1::"],
    ["Teredo", "2001::1"],
    ["an address in a zone", "fe80::1%eth0"],
    ["no address", "example.com"],
    ["no address, though the C library takes it for one", "0x7f.1"],
    ["no address, though the C library takes it for one", "127.1"],
    ["no address", "010.0.0.1"],
  ])("is not what is %s: %s", (_, address) => {
    expect(isGloballyRoutable(address)).toBe(false);
  });

  it("is nothing of the ranges that people use inside, however it is written", () => {
    const inside = fc.oneof(
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map(([b, c, d]) => `10.${b}.${c}.${d}`),
      fc
        .tuple(fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255))
        .map(([b, c, d]) => `172.${b}.${c}.${d}`),
      fc.tuple(fc.nat(255), fc.nat(255)).map(([c, d]) => `192.168.${c}.${d}`),
      fc.tuple(fc.nat(255), fc.nat(255)).map(([c, d]) => `169.254.${c}.${d}`),
      fc
        .tuple(fc.integer({ min: 64, max: 127 }), fc.nat(255), fc.nat(255))
        .map(([b, c, d]) => `100.${b}.${c}.${d}`),
    );
    const wrapped = fc.constantFrom("", "::ffff:", "::", "64:ff9b::");
    fc.assert(
      fc.property(inside, wrapped, (address, prefix) => {
        expect(isGloballyRoutable(`${prefix}${address}`)).toBe(false);
      }),
    );
  });
});

it.each([
  ["10.1.2.3", ["10.0.0.0/8"], true],
  ["11.1.2.3", ["10.0.0.0/8"], false],
  ["fd00::1", ["10.0.0.0/8", "fd00::/8"], true],
  ["::ffff:10.1.2.3", ["10.0.0.0/8"], true],
  ["10.1.2.3", ["::/0"], false],
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
