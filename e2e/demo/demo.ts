import type { ConnectivityTest } from "../../crds/connectivitytest.ts";
import { messageOf } from "../process/failure.ts";
import { timedReport } from "../process/report.ts";
import { installOperator } from "../install/installOperator.ts";
import type { Kubectl } from "../kube/kubectl.ts";
import { shopIn } from "../shop/shop.ts";
import { findings } from "./findings.ts";
import { type Options, optionsFrom, USAGE } from "./options.ts";
import { embedded, existing, type Place } from "./place.ts";
import { type Phase, phaseProblems } from "./phaseProblems.ts";

const report = timedReport();

try {
  process.exitCode = await demo(optionsFrom(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Resolves to the exit code: 0 if netverdict reported in both phases what the demo should show. */
async function demo(options: Options): Promise<number> {
  if (options === "help") {
    print(USAGE);
    return 0;
  }
  const place = options === "embedded" ? await embedded(report) : existing(options);
  const problems = await runPhases(place);
  const hasSucceeded = problems.length === 0;
  printCommands(place, hasSucceeded);
  if (hasSucceeded) return 0;
  chapter("The demo failed: netverdict did not report what the demo should show.", problems);
  return 1;
}

/** Resolves to the problems of the first phase that has any. The second phase begins only if the first has none. */
async function runPhases({ kubectl, images }: Place): Promise<readonly string[]> {
  report("the demo installs netverdict from manifests/ …");
  await installOperator({ kubectl, image: images.operator });
  report("the demo deploys a shop: ui and orders call catalog, and catalog queries its MariaDB …");
  const shop = shopIn(kubectl);
  await shop.deploy(images.shop);
  report("the shop runs: its ui shows products");

  report("the demo applies no NetworkPolicy yet");
  report("the demo creates the shop's ConnectivityTests and waits for their verdicts …");
  const problems = await showPhase(kubectl, "WithoutPolicies", await shop.runTests());
  if (problems.length > 0) return problems;
  report(
    "as the demo expects without NetworkPolicies: each Denied expectation failed, because its path is open",
  );

  report("the demo applies the shop's NetworkPolicies and requests a new run of each test …");
  const remaining = await showPhase(kubectl, "WithPolicies", await shop.applyPolicies(`demo-${Date.now()}`));
  if (remaining.length === 0) report("as the demo expects with NetworkPolicies: every test passed");
  return remaining;
}

/** Shows the tests of a phase after their runs. Resolves to the phase's problems. */
async function showPhase(
  kubectl: Kubectl,
  phase: Phase,
  tests: readonly ConnectivityTest[],
): Promise<readonly string[]> {
  report("netverdict has run every test");
  await show(kubectl, findings(tests));
  return phaseProblems(phase, tests);
}

/** What a user sees, by the user's own command; then what it means, expectation by expectation. */
async function show(kubectl: Kubectl, lines: readonly string[]): Promise<void> {
  const command = ["get", "connectivitytests", "-A"];
  print(`\n$ kubectl ${command.join(" ")}\n${await kubectl(command)}`);
  chapter("What netverdict found:", lines);
}

function printCommands({ access, stop }: Place, hasSucceeded: boolean): void {
  const look = [
    "kubectl describe connectivitytest orders -n orders   # every path, with its evidence",
    "kubectl get proberuns -A                             # the plan and the raw results of each test's last run",
  ];
  const open = [
    "kubectl delete networkpolicy catalog-mysql-from-catalog -n catalog",
    "kubectl annotate --overwrite connectivitytest orders -n orders netverdict.dev/run-requested=$(date +%s)",
    "kubectl get connectivitytests -A --watch",
  ];
  chapter("To look further:", [...access, ...look]);
  if (hasSucceeded) chapter("To open the database again and see netverdict report it:", open);
  chapter("To remove what the demo created:", stop);
}

function chapter(title: string, lines: readonly string[]): void {
  print([title, ...lines.map((line) => `  ${line}`), ""].join("\n"));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
