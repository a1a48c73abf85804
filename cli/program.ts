import { basename } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { createApi } from "../operator/runtime/api.ts";
import { realClock, type Clock } from "../operator/runtime/clock.ts";
import { CliError } from "./clusterError.ts";
import type { CommandContext } from "./commandContext.ts";
import { initTests, printTests, reportTests, runTests, waitForTests } from "./commands.ts";
import { explainExpectation } from "./explainExpectation.ts";
import { EXIT_CODES, type ExitCode } from "./judgement.ts";
import { loadKubeconfig } from "./kubeconfig.ts";
import {
  checkSelection,
  expectationNames,
  optionsSchema,
  selectionOf,
  timeoutOf,
  type Options,
} from "./options.ts";
import { REPORT_FORMATS } from "./report/formats.ts";
import { createTerminal, type Output } from "./terminal.ts";
import { lintFiles, readTestFiles } from "./testFiles.ts";
import type { ReadStandardInput } from "./textFile.ts";

export interface ProgramOptions {
  /** As in `process.argv`: the interpreter, the program, and its arguments. */
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly readStandardInput: ReadStandardInput;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock?: Clock;
  readonly now?: () => Date;
}

type Action = (context: CommandContext, options: Options) => Promise<ExitCode>;

const EXIT_CODES_HELP = `
Exit codes of run and wait:
  0  all tests passed
  1  a test failed
  2  a test is inconclusive, and none failed
  3  an error of usage or of the cluster
  4  no result within the time of --timeout
get, report and explain exit with 0 if they could read the tests, independent of their verdicts.
lint exits with 3 if a file has an error.`;

/** Runs the command of the arguments and returns its exit code. Never throws. */
export async function runProgram(options: ProgramOptions): Promise<ExitCode> {
  const { argv, stdout, stderr } = options;
  const terminal = createTerminal(stdout, stderr);
  let code: ExitCode = EXIT_CODES.Error;
  const execute = (action: Action) => async (names: string[], _: unknown, command: Command) => {
    code = await withCluster({ ...options, names, given: optionsSchema.parse(command.opts()) }, action);
  };
  const program = new Command(programName(argv[1] ?? ""))
    .description("Requests, awaits and shows the verdicts of ConnectivityTests.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) => write(usageSentence(text)),
    })
    .addHelpText("after", EXIT_CODES_HELP)
    .helpCommand(false);
  withSelection(program.command("run"))
    .description("request a run of the tests, and wait for its results")
    .option("-f, --filename <file>", "apply the tests of this file first; - is the standard input", collect)
    .option("--timeout <duration>", "how long to wait for the results", "10m")
    .action(execute(async (context, given) => runTests(context, timeoutOf(given))));
  withSelection(program.command("wait"))
    .description("wait for a verdict of the tests that no change has outdated; request nothing")
    .option("--timeout <duration>", "how long to wait for the verdicts", "10m")
    .action(execute(async (context, given) => waitForTests(context, timeoutOf(given))));
  withSelection(program.command("get"))
    .description("show the expectations of the tests: expected against actual")
    .action(execute(printTests));
  withSelection(program.command("report"))
    .description("write a report of the tests, for people or for other programs")
    .addOption(
      new Option("--format <format>", "the format of the report")
        .choices(REPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .option("-o, --output <file>", "the file to write; if omitted: the standard output")
    .action(execute(async (context, { format, output }) => reportTests(context, { format, output })));
  withConnection(program.command("explain"))
    .description("show the evidence of one expectation, path by path, and the policies at both ends")
    .argument("<name/expectation>", "the name of the test, and that of the expectation in it")
    .action(async (target: string, given: unknown, command: Command) => {
      const { test, expectation } = expectationNames(target);
      await execute(async (context) => explainExpectation(context, expectation))([test], given, command);
    });
  withContext(program.command("init"))
    .description("write first tests from the workloads and NetworkPolicies of a namespace, to be edited")
    .option("-o, --output <file>", "the file to write; if omitted: the standard output")
    .action(async (given: unknown, command: Command) => {
      await execute(async (context, { output }) => initTests(context, output))([], given, command);
    });
  program
    .command("lint")
    .description("check files with tests, without a cluster")
    .argument("<files...>", "YAML or JSON files; - is the standard input")
    .action(async (files: string[]) => {
      code = await lintFiles(files, { readStandardInput: options.readStandardInput, terminal });
    });
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.Passed : EXIT_CODES.Error;
    if (!(error instanceof CliError)) throw error;
    terminal.printError(error.message);
    return EXIT_CODES.Error;
  }
}

/** An option that may be given several times. */
const collect = (value: string, before: readonly string[] = []) => [...before, value];

function withSelection(command: Command): Command {
  return withConnection(
    command
      .argument("[names...]", "names of tests; if omitted: all tests of the namespace")
      .option("--all", "the tests of all namespaces, and all ClusterConnectivityTests"),
  );
}

function withConnection(command: Command): Command {
  return withContext(command).option("--cluster", "ClusterConnectivityTests, which have no namespace");
}

function withContext(command: Command): Command {
  return command
    .option("-n, --namespace <name>", "the namespace of the tests; if omitted: that of the context")
    .option("--context <name>", "the context of the kubeconfig; if omitted: the current one")
    .option("--kubeconfig <file>", "the kubeconfig; if omitted: as kubectl finds it");
}

interface Invocation extends ProgramOptions {
  readonly names: readonly string[];
  readonly given: Options;
}

async function withCluster(invocation: Invocation, action: Action): Promise<ExitCode> {
  const { names, given, environment, stdout, stderr, readStandardInput } = invocation;
  const { clock = realClock, now = () => new Date() } = invocation;
  checkSelection(names, given);
  const kubeConfig = loadKubeconfig(given, environment);
  // The file with the namespace of a service account may end with a newline.
  const ofContext =
    kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace?.trim() || undefined;
  const choice = { given: given.namespace, ofContext };
  const manifests = await readTestFiles(given.filename, choice, readStandardInput);
  const selection =
    manifests.length > 0
      ? { tests: manifests.map(({ key }) => key) }
      : selectionOf(names, { ...given, namespace: given.namespace ?? ofContext });
  const server = kubeConfig.getCurrentCluster()?.server ?? "";
  const api = connect(kubeConfig, server);
  const terminal = createTerminal(stdout, stderr);
  try {
    return await action({ api, server, selection, manifests, terminal, clock, now }, given);
  } finally {
    await api.close();
  }
}

function connect(kubeConfig: Parameters<typeof createApi>[0]["kubeConfig"], server: string) {
  if (!URL.canParse(server))
    throw new CliError(`kubeconfig: the cluster has no valid server (${server}). Check the kubeconfig.`);
  return createApi({ kubeConfig });
}

/** kubectl runs `kubectl-netverdict` for `kubectl netverdict`. */
const programName = (path: string) =>
  basename(path).startsWith("kubectl-netverdict") ? "kubectl netverdict" : "netverdict";

const usageSentence = (text: string) => {
  const said = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\.$/, "");
  return `netverdict: ${said}. Use one of the commands and options that --help shows.\n`;
};
