import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { Failure } from "../process/failure.ts";
import { until } from "../process/until.ts";
import { apply, deploy, objectsOf } from "../kube/deploy.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { type Images, kustomize } from "../kube/kustomize.ts";
import { readerBy } from "../kube/read.ts";
import { requestRun, type TestName, waitForVerdict } from "../kube/connectivityTests.ts";

const FOLDER = join(import.meta.dirname, "app");
const TESTS = join(import.meta.dirname, "tests.yaml");
const POLICIES = join(import.meta.dirname, "policies.yaml");
const NAMESPACES = join(FOLDER, "namespaces.yaml");

/** The shop in a cluster: its services, its tests, its policies. */
export interface Shop {
  /** Brings up ui, catalog, orders and the database, without policies and tests, and waits until the ui shows products. */
  deploy(images: Images): Promise<void>;
  /** Creates the tests and waits for their first verdicts. */
  runTests(): Promise<readonly ConnectivityTest[]>;
  /** Applies the policies, requests a run of each test by this token and waits for the answers. */
  applyPolicies(token: string): Promise<readonly ConnectivityTest[]>;
  /** Deletes the namespaces and all in them. */
  remove(): Promise<void>;
}

/**
 * Each read is a kubectl, which costs CPU that the probes need. The operator ends a run after 122 s at the latest (60 s to
 * start, 62 s for the rounds), and its follow-up run after the same time again. It repeats a run up to three times, after 5, 20
 * and 60 s.
 */
const WAITING = { everyMs: 1_500, seconds: 1_100 };

export function shopIn(kubectl: Kubectl): Shop {
  const read = readerBy(kubectl);
  return {
    deploy: async (images) => deployShop(kubectl, images),
    async runTests() {
      await apply(kubectl, await readFile(TESTS, "utf8"));
      return forEachTest(async (test) => waitForVerdict(read, test, WAITING));
    },
    async applyPolicies(token) {
      await apply(kubectl, await readFile(POLICIES, "utf8"));
      return forEachTest(async (test) => {
        await requestRun(kubectl, test, token);
        return waitForVerdict(read, test, { ...WAITING, token });
      });
    },
    async remove() {
      await kubectl(["delete", "-f", NAMESPACES, "--ignore-not-found"], { seconds: 120 });
    },
  };
}

async function deployShop(kubectl: Kubectl, images: Images): Promise<void> {
  await apply(kubectl, await readFile(NAMESPACES, "utf8"));
  // Of an earlier time: the shop begins without them.
  for (const file of [TESTS, POLICIES]) await kubectl(["delete", "-f", file, "--ignore-not-found"]);
  await ensurePassword(kubectl);
  await deploy(kubectl, await kustomize(kubectl, FOLDER, images));
  await until("the shop's ui shows its products", () => showsProducts(kubectl), {
    seconds: 60,
    everyMs: 500,
  });
}

/** The password is made once: the database keeps the one that it was first started with. */
async function ensurePassword(kubectl: Kubectl): Promise<void> {
  const secret = ["catalog-mysql", "--namespace=catalog"];
  if ((await kubectl(["get", "secret", ...secret, "--ignore-not-found"])) !== "") return;
  const password = `--from-literal=password=${randomBytes(16).toString("hex")}`;
  await kubectl(["create", "secret", "generic", ...secret, password]);
}

/** The ui returns a page only if ui, catalog, the database, both Services and the names all work. */
async function showsProducts(kubectl: Kubectl): Promise<true> {
  const html = await kubectl(["get", "--raw", "/api/v1/namespaces/ui/services/ui:http/proxy/"], {
    seconds: 10,
  });
  if (!html.includes("<li>")) throw new Failure(`it answers ${html}`);
  return true;
}

async function forEachTest<T>(work: (test: TestName) => Promise<T>): Promise<readonly T[]> {
  const tests = objectsOf(await readFile(TESTS, "utf8"));
  return Promise.all(tests.map(async ({ metadata }) => work(metadata)));
}
