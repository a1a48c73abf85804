// npm run bench: what netverdict costs, as a table. options.ts lists what it can measure.
import { messageOf } from "../process/failure.ts";
import { clusterBench } from "./clusterBench.ts";
import { cpuBench } from "./cpu/cpuBench.ts";
import { leaseBench } from "./lease/leaseBench.ts";
import { loadBench } from "./loadBench.ts";
import { matrixBench } from "./matrixBench.ts";
import { optionsFrom, USAGE, type Options } from "./options.ts";
import { pageBench } from "./pageBench.ts";
import { scaleBench } from "./scale/scaleBench.ts";
import { startBench } from "./start/startBench.ts";

try {
  const options = optionsFrom(process.argv.slice(2));
  if (options === "help") process.stdout.write(`${USAGE}\n`);
  else if (!(await measured(options))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`netverdict: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

/** Resolves to whether all aims are met that the measurement has. */
async function measured({ what, against, repeats, minutes }: Options): Promise<boolean> {
  switch (what) {
    case "cluster":
      await clusterBench();
      return true;
    case "matrix":
      await matrixBench(against, repeats);
      return true;
    case "cpu":
      return cpuBench(against);
    case "lease":
      return leaseBench(minutes);
    case "scale":
      return scaleBench(against);
    case "load":
      return loadBench();
    case "page":
      await pageBench(repeats);
      return true;
    case "start":
      await startBench(against, repeats);
      return true;
  }
}
