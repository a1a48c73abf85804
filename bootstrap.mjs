// The door of every npm script: plain JavaScript for the Node that a newcomer has (20 or later). It installs the
// packages that package-lock.json names where they are missing or older, and runs the rest on the project's own
// Node 24, since @kubernetes/client-node 2 does not start on Node 20 (undici 8).
//   node bootstrap.mjs FILE.ts ARGS…      runs a TypeScript file
//   node bootstrap.mjs --bin NAME ARGS…   runs a command of node_modules/.bin
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const NEEDED = [24, 12];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20)
  fail(`Node ${process.versions.node} is too old. Remedy: install Node 20 or later (nodejs.org).`);
if (!existsSync(join(root, "package-lock.json")))
  fail("package-lock.json is missing. Remedy: clone the repository again.");

installPackages();
const node = newEnough() ? process.execPath : join(root, "node_modules/.bin/node");
if (!existsSync(node)) {
  fail(
    `no Node ${NEEDED.join(".")} for ${process.platform}/${process.arch} on npm. Remedy: install Node 24 or later yourself.`,
  );
}
run(process.argv.slice(2));

/** Runs `npm ci` unless the installed packages are exactly those of package-lock.json. */
function installPackages() {
  const stamp = join(root, "node_modules/.netverdict-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  askRegistry();
  const started = Date.now();
  process.stderr.write("installing the npm packages of package-lock.json …\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", process.stderr, process.stderr],
  });
  if (npm.error) fail(`npm could not be started (${npm.error.message}). Remedy: install npm beside Node.`);
  if (npm.status !== 0)
    fail(`npm ci ended with ${npm.status}. Remedy: see its message above; is the npm registry reachable?`);
  writeFileSync(stamp, wanted);
  process.stderr.write(`npm packages installed in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}

/**
 * npm itself says only after more than a minute that its registry does not answer. It may still have everything in its
 * own cache, so this decides nothing.
 */
function askRegistry() {
  const options = ["--prefer-online", "--fetch-retries=0", "--logs-max=0", "--loglevel=error"];
  const npm = spawnSync("npm", ["view", "p-limit", "version", ...options], {
    cwd: root,
    encoding: "utf8",
    timeout: 4000,
    killSignal: "SIGKILL",
  });
  if (npm.status === 0 || npm.error?.code === "ENOENT") return;
  const lines = (npm.stderr ?? "").split("\n");
  const said = lines.find((line) => line.includes("request to")) ?? lines[0];
  process.stderr.write(
    `netverdict: npm registry: ${npm.error ? "no answer within 4 s" : said.replace("npm error ", "")}. ` +
      "Check the network, and npm config get registry; npm ci goes on with what its cache has.\n",
  );
}

function newEnough() {
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

function run(words) {
  const bin = join(root, "node_modules/.bin");
  const [command, args] = words[0] === "--bin" ? [join(bin, words[1]), words.slice(2)] : [node, words];
  const child = spawn(command, args, {
    stdio: "inherit",
    env: { ...process.env, PATH: [dirname(node), bin, process.env.PATH].join(delimiter) },
  });
  // Ctrl-C reaches the whole group: the child cleans up and decides the exit code, so this process only waits.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${command}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function fail(sentence) {
  process.stderr.write(`netverdict: ${sentence}\n`);
  process.exit(1);
}
