import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { type Api, createApi } from "../../../operator/runtime/api.ts";
import { baseBinaries } from "../../cluster/build/binaries.ts";
import { Failure } from "../../process/failure.ts";
import { until } from "../../process/until.ts";
import { freePort } from "../start/startCost.ts";

/** An API server and its etcd, without nodes, controllers and a scheduler. */
export interface ScaleServer {
  readonly api: Api;
  /** Path of a kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** The CPU seconds that both programs have used. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts both programs of the test cluster on free ports of this machine, with new data. */
export async function startScaleServer(): Promise<ScaleServer> {
  const programs = await baseBinaries();
  await access(join(programs, "kube-apiserver")).catch(() => {
    throw new Failure("the programs of the test cluster are not built. Remedy: npm run cluster -- up");
  });
  const folder = await mkdtemp(join(tmpdir(), "netverdict-scale-"));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(16).toString("hex");
  await writeKeys(folder, token);
  const etcdUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const children: ChildProcess[] = [];
  // Also where the measurement is interrupted.
  process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));
  const start = async (name: string, args: readonly string[]) => {
    const log = await open(join(folder, `${name}.log`), "w");
    children.push(spawn(join(programs, name), args, { stdio: ["ignore", log.fd, log.fd] }));
    await log.close();
  };
  await start("etcd", [
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--quota-backend-bytes=4294967296",
    "--unsafe-no-fsync",
  ]);
  await start("kube-apiserver", [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${secure}`,
    "--bind-address=127.0.0.1",
    `--cert-dir=${folder}/certificates`,
    `--token-auth-file=${folder}/tokens.csv`,
    "--authorization-mode=RBAC",
    // Its controller, which creates the account of each namespace, does not run.
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${folder}/sa.pub`,
    `--service-account-signing-key-file=${folder}/sa.key`,
  ]);
  const kubeconfig = join(folder, "kubeconfig");
  const certificate = join(folder, "certificates/apiserver.crt");
  await until("the API server writes its certificate", async () => readFile(certificate, "utf8"), {
    seconds: 60,
  });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: "scale", server: `https://127.0.0.1:${secure}`, caFile: certificate, skipTLSVerify: false },
    { name: "admin", token },
  );
  await writeFile(kubeconfig, kubeConfig.exportConfig(), { mode: 0o600 });
  const api = createApi({ kubeConfig });
  await until("the API server is ready", async () => api.get("/api/v1/namespaces/kube-system"), {
    seconds: 120,
    everyMs: 200,
  });
  return {
    api,
    kubeconfig,
    async cpuSeconds() {
      const each = await Promise.all(children.map(async ({ pid }) => processCpuSeconds(pid ?? 0)));
      return each.reduce((sum, seconds) => sum + seconds, 0);
    },
    async stop() {
      await api.close();
      await Promise.all(
        children.map(async (child) => {
          const exited = once(child, "exit");
          child.kill("SIGKILL");
          await exited;
        }),
      );
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeKeys(folder: string, token: string): Promise<void> {
  await mkdir(join(folder, "certificates"));
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  await writeFile(join(folder, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(join(folder, "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
  });
  await writeFile(join(folder, "tokens.csv"), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
}

/** The kernel counts in hundredths of a second. */
export async function processCpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
