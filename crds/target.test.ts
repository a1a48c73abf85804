import { describe, expect, it } from "vitest";
import { isGroupAddress, isOwnAddress } from "./target.ts";

describe("a connection stays in its pod", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f12:3456",
    "::ffff:0.0.0.0",
  ])("if it goes to %s", (address) => {
    expect(isOwnAddress(address)).toBe(true);
  });

  it.each([
    "126.255.255.255",
    "128.0.0.1",
    "10.1.0.1",
    "0.0.0.1",
    "169.254.20.10",
    "::2",
    "::ffff:10.1.0.1",
    "fe80::1%eth0",
    "localhost",
    "127.1",
    "",
  ])("but not if it goes to %j", (address) => {
    expect(isOwnAddress(address)).toBe(false);
  });

  it("if it goes to an address of the pod, in any notation", () => {
    const ofPod = ["10.1.0.9", "fd00::9"];
    expect(["10.1.0.9", "::ffff:10.1.0.9", "FD00:0::9"].every((one) => isOwnAddress(one, ofPod))).toBe(true);
    expect(["10.1.0.8", "fd00::8"].some((one) => isOwnAddress(one, ofPod))).toBe(false);
  });
});

describe("an address is that of a group of hosts", () => {
  it.each([
    "224.0.0.0",
    "239.255.255.255",
    "255.255.255.255",
    "ff00::",
    "ff0e::101",
    "FF02:0::FB",
    "::ffff:224.0.0.1",
  ])("if it is %s", (address) => {
    expect(isGroupAddress(address)).toBe(true);
  });

  it.each(["223.255.255.255", "240.0.0.1", "255.255.255.254", "fe80::1", "ff02::1%eth0", "224.1", ""])(
    "but not if it is %j",
    (address) => {
      expect(isGroupAddress(address)).toBe(false);
    },
  );
});
