// npm run bench: from the creation of a test to its verdict, in a cluster.
// npm run bench -- --cpu [--against COMMIT]: what the operator's own work costs, without one.
import { parseArgs } from "node:util";
import { clusterBench } from "./clusterBench.ts";
import { cpuBench } from "./cpu/cpuBench.ts";

const { values } = parseArgs({
  options: { cpu: { type: "boolean", default: false }, against: { type: "string" } },
});
if (values.against !== undefined && !values.cpu)
  throw new Error("--against is about --cpu alone: npm run bench -- --cpu --against COMMIT");
if (!values.cpu) await clusterBench();
else if (!(await cpuBench(values.against))) process.exitCode = 1;
