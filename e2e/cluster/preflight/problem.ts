/** Something that the machine lacks, in the words of the user who has to act on it. */
export interface Problem {
  /** What it is about, such as "disk". */
  readonly subject: string;
  /** What was seen. No full stop. */
  readonly observation: string;
  /** What to do about it, in the imperative. No full stop. */
  readonly action: string;
}

/** The action where this machine cannot be changed so that it runs the cluster. */
export const GO_ELSEWHERE =
  "Use another machine or virtual machine, or a cluster that you have: npm run demo -- --context NAME " +
  "(npm run demo -- --help describes it)";

/** One message with all problems, each on a line of its own. */
export function listOf(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  const lines = problems.map((problem) => `  ${lineOf(problem)}`);
  return [`this machine cannot run the test cluster: ${count}`, ...lines].join("\n");
}

export function lineOf({ subject, observation, action }: Problem): string {
  return `${subject}: ${observation}. ${action}.`;
}
