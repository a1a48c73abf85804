import { KubeConfig } from "@kubernetes/client-node";
import { sourceTrace } from "../probes/sourceTrace.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { type Operator, startOperator } from "./operator.ts";
import { createLog, errorFields, type Log } from "./runtime/log.ts";

// The only file that exits the process: with 0 after a signal, with 1 after an error.

process.once("uncaughtException", (error) => {
  process.stderr.write(`${sourceTrace(error)}\n`);
  process.exit(1);
});

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

async function operatorOrExit(config: Config, log: Log): Promise<Operator> {
  try {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return await startOperator({ config, log, kubeConfig, onLost: () => process.exit(1) });
  } catch (error) {
    log.error("the operator cannot start", errorFields(error));
    process.exit(1);
  }
}

const config = configOrExit();
const log = createLog(config.logLevel);
const operator = await operatorOrExit(config, log);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    log.info("stopping", { signal });
    void operator.stop().then(() => process.exit(0));
  });
}
