import { expect, test } from "vitest";

import { distributionOf } from "./system.ts";

test.each([
  {
    file: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    is: { distribution: "Debian GNU/Linux 12 (bookworm)", isDebian: true, codename: "bookworm" },
  },
  {
    file: 'PRETTY_NAME="Linux Mint 22"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\n',
    is: { distribution: "Linux Mint 22", isDebian: true, codename: "wilma" },
  },
  {
    file: "ID=fedora\nPRETTY_NAME='Fedora Linux 42'\n",
    is: { distribution: "Fedora Linux 42", isDebian: false, codename: undefined },
  },
  {
    file: "ID=alpine\n",
    is: { distribution: "alpine", isDebian: false, codename: undefined },
  },
  {
    file: undefined,
    is: { distribution: "this distribution", isDebian: true, codename: undefined },
  },
])("reads of os-release: $is.distribution", ({ file, is }) => {
  expect(distributionOf(file)).toEqual(is);
});
