import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { ROOT } from "../runner/vitestRun.ts";

/** A step of a pipeline, as its own runner starts it. */
export interface PipelineStep {
  readonly name: string;
  /** What the runner starts, with the script in a file behind it. */
  readonly shell: readonly string[];
  readonly script: string;
  /** Its environment beside that of the machine. */
  readonly env: Readonly<Record<string, string>>;
}

/** The file of a pipeline, which is in manifests/gates. */
export const PIPELINE_FILES = [
  "github-actions.yaml",
  "gitlab-ci.yaml",
  "tekton-task.yaml",
  "chainsaw-test.yaml",
] as const;

export function pipelineFile(name: (typeof PIPELINE_FILES)[number]): string {
  return readFileSync(join(ROOT, "manifests/gates", name), "utf8");
}

const stringsSchema = z.record(z.string(), z.string());
const workflowSchema = z.object({
  jobs: z.object({
    rollout: z.object({
      steps: z.array(
        z.object({
          name: z.string().default(""),
          run: z.string().optional(),
          env: stringsSchema.default({}),
        }),
      ),
    }),
  }),
});

/** The steps of the GitHub workflow that run commands. GitHub starts `bash -e FILE` for each. */
export function gitHubSteps(text: string): readonly PipelineStep[] {
  const { rollout } = workflowSchema.parse(parse(text)).jobs;
  return rollout.steps.flatMap(({ name, run: script, env }) =>
    script === undefined ? [] : [{ name, script, env, shell: ["bash", "-e"] }],
  );
}

const jobSchema = z.object({ stage: z.string(), script: z.array(z.string()) });
const gitLabSchema = z.object({ stages: z.array(z.string()) }).catchall(z.unknown());

/** The jobs of the GitLab pipeline in the order of their stages. GitLab's runner starts each with `set -eo pipefail`. */
export function gitLabSteps(text: string): readonly PipelineStep[] {
  const { stages, ...others } = gitLabSchema.parse(parse(text));
  const jobs = Object.entries(others).flatMap(([name, value]) => {
    const { data } = jobSchema.safeParse(value);
    return data === undefined ? [] : [{ name, ...data }];
  });
  return stages.flatMap((stage) =>
    jobs
      .filter((job) => job.stage === stage)
      .map(({ name, script }) => ({
        name,
        script: script.join("\n"),
        env: {},
        shell: ["bash", "-eo", "pipefail"],
      })),
  );
}

const taskSchema = z.object({
  spec: z.object({
    params: z.array(z.object({ name: z.string(), default: z.string() })),
    steps: z.array(z.object({ name: z.string(), script: z.string(), securityContext: z.looseObject({}) })),
  }),
});

/** The step of the Tekton Task, with these parameters. Tekton writes the script into a file and executes it. */
export function tektonStep(text: string, parameters: Readonly<Record<string, string>>) {
  const { params, steps } = taskSchema.parse(parse(text)).spec;
  const [step] = steps;
  if (step === undefined) throw new Error("the Task has no step");
  const script = params.reduce(
    (written, param) =>
      written.replaceAll(`$(params.${param.name})`, parameters[param.name] ?? param.default),
    step.script,
  );
  return { ...step, script };
}
