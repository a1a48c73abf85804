import { describe, expect, test } from "vitest";

import { addressesOf, dataFolder, hostLink, nameFromPath, nodeNumbers } from "./spec.ts";

describe("the name of a checkout's cluster", () => {
  test("is the same for the same path", () => {
    expect(nameFromPath("/work/main")).toBe(nameFromPath("/work/main"));
  });

  test("differs between two checkouts", () => {
    expect(nameFromPath("/work/main")).not.toBe(nameFromPath("/work/main2"));
  });

  test("has at most 10 characters, so that links and cgroups can carry it", () => {
    expect(nameFromPath("/a/very/long/path/to/some/checkout")).toMatch(/^[a-z0-9]{1,10}$/);
  });

  test("gives a link name that the kernel accepts", () => {
    expect(hostLink(nameFromPath("/work/main")).length).toBeLessThanOrEqual(15);
  });

  test("is part of the data folder", () => {
    expect(dataFolder("nv1")).toBe("/var/tmp/netverdict-nv1");
  });
});

describe("the addresses of a cluster", () => {
  test("carry its index in both families", () => {
    expect(addressesOf({ index: 7 }).node(1)).toEqual(["198.18.7.11", "fd00:198:18:7::11"]);
  });

  test("give every node a pod range of its own", () => {
    const ranges = nodeNumbers({ nodes: 9 }).flatMap((i) => addressesOf({ index: 1 }).podsOf(i));
    expect(new Set(ranges).size).toBe(18);
  });

  test("keep nodes, router and machine apart", () => {
    const { node, router, machine } = addressesOf({ index: 1 });
    const all = [...nodeNumbers({ nodes: 9 }).map(node), router, machine].flat();
    expect(new Set(all).size).toBe(all.length);
  });
});
