import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { diskProblems, readRooms, type Writer } from "./disk.ts";
import { GIB } from "./size.ts";

const none = { cache: 0, modules: 0, objects: 0, temporary: 0, cluster: 0 };
const room = (writer: Writer, fileSystem: number, free: number) => {
  return { writer, folder: `/${writer}`, fileSystem, free };
};

describe("free disk space", () => {
  test("is shared by the folders of one file system", () => {
    const rooms = [room("cache", 1, 3 * GIB), room("modules", 1, 3 * GIB), room("objects", 2, 3 * GIB)];
    const bytes = { ...none, cache: 2 * GIB, modules: 2 * GIB, objects: 2 * GIB };
    expect(diskProblems(rooms, bytes)).toEqual([
      {
        subject: "disk",
        observation: "3.0 GiB are free for /cache, /modules, and 4.0 GiB are going to be written there",
        action: "Free 1.0 GiB, or name folders on another disk (XDG_CACHE_HOME, GOMODCACHE)",
      },
    ]);
  });

  test("cannot be had elsewhere for the data of a cluster", () => {
    const [problem] = diskProblems([room("cluster", 1, 0)], { ...none, cluster: GIB });
    expect(problem?.action).toBe("Free 1.0 GiB");
  });

  test("is enough exactly where no file system has less than is written to it", () => {
    const writers = ["cache", "modules", "objects", "temporary", "cluster"] as const;
    const size = fc.integer({ min: 0, max: 5 });
    const folders = fc.array(fc.record({ fileSystem: fc.integer({ min: 0, max: 2 }), bytes: size }), {
      minLength: writers.length,
      maxLength: writers.length,
    });
    fc.assert(
      fc.property(folders, fc.array(size, { minLength: 3, maxLength: 3 }), (written, free) => {
        const rooms = writers.map((writer, i) => {
          const { fileSystem = 0 } = written[i] ?? {};
          return room(writer, fileSystem, (free[fileSystem] ?? 0) * GIB);
        });
        const bytes = Object.fromEntries(
          writers.map((writer, i) => [writer, (written[i]?.bytes ?? 0) * GIB]),
        );
        const full = free.filter((have, disk) => {
          const here = written.filter(({ fileSystem }) => fileSystem === disk);
          return here.reduce((sum, one) => sum + one.bytes, 0) > have;
        });
        expect(diskProblems(rooms, { ...none, ...bytes })).toHaveLength(full.length);
      }),
    );
  });

  test("is read of the folder above one that is not made yet", async () => {
    const rooms = await readRooms({ modules: "/", objects: "/none/such", temporary: "/" });
    const fileSystemOf = (writer: Writer) => rooms.find((one) => one.writer === writer)?.fileSystem;
    expect(fileSystemOf("objects")).toBe(fileSystemOf("modules"));
    expect(rooms.map(({ writer }) => writer).toSorted()).toEqual(Object.keys(none).toSorted());
  });
});
