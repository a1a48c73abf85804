import { messageOf } from "../cluster/failure.ts";
import { timedReport } from "../cluster/report.ts";
import { installOperator } from "../install/installOperator.ts";
import type { Kubectl } from "../install/kubectl.ts";
import { shopIn } from "../shop/shop.ts";
import { type Options, optionsFrom, USAGE } from "./options.ts";
import { embedded, existing, type Place } from "./place.ts";
import { cameAsTold, findings } from "./story.ts";

const report = timedReport();

try {
  process.exitCode = await demo(optionsFrom(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Gives the exit code: 0 if the shop's tests came out as they should. */
async function demo(options: Options): Promise<number> {
  if (options === "help") {
    say(USAGE);
    return 0;
  }
  const place = options === "embedded" ? await embedded(report) : existing(options);
  const toldTruly = await tell(place);
  farewell(place);
  if (toldTruly) return 0;
  say("This is not what the demo should show: first an open database, then only tests that passed.");
  return 1;
}

async function tell({ kubectl, images }: Place): Promise<boolean> {
  report("installing netverdict from manifests/ …");
  await installOperator({ kubectl, image: images.operator });
  report("deploying a shop: ui and orders call catalog, and catalog asks its MariaDB …");
  const shop = shopIn(kubectl);
  await shop.deploy(images.shop);
  report("the shop answers; no NetworkPolicy guards it. Creating its ConnectivityTests …");
  const before = await shop.runTests();
  report("every test has its first verdict");
  await show(kubectl, findings(before));

  report("applying NetworkPolicies, and requesting a new run of each test …");
  const after = await shop.applyPolicies(`demo-${Date.now()}`);
  report("every requested run has ended");
  await show(kubectl, findings(after));
  return cameAsTold(before, after);
}

/** What a user sees, by the user's own command; then what it means, test by test. */
async function show(kubectl: Kubectl, lines: readonly string[]): Promise<void> {
  const command = ["get", "connectivitytests", "-A"];
  say(`\n$ kubectl ${command.join(" ")}\n${await kubectl(command)}`);
  chapter("What that means:", lines);
}

function farewell({ access, stop }: Place): void {
  const look = [
    "kubectl describe connectivitytest orders -n orders   # every path, with its evidence",
    "kubectl get proberuns -A                             # the plan and the raw results of each last run",
  ];
  const breakIt = [
    "kubectl delete networkpolicy catalog-mysql-from-catalog -n catalog",
    "kubectl annotate --overwrite connectivitytest orders -n orders netverdict.dev/run-requested=$(date +%s)",
    "kubectl get connectivitytests -A --watch",
  ];
  chapter("Look further:", [...access, ...look]);
  chapter("Open the database again, and see it found:", breakIt);
  chapter("Stop:", stop);
}

function chapter(title: string, lines: readonly string[]): void {
  say([title, ...lines.map((line) => `  ${line}`), ""].join("\n"));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
