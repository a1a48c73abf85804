import { isMap, isSeq, parseAllDocuments } from "yaml";
import { z } from "zod";
import { markdownTable } from "./markdownTable.ts";

const ruleSchema = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()).default([]),
  verbs: z.array(z.string()),
});
type Rule = z.infer<typeof ruleSchema>;

/** The manifests with the rights of the operator. */
export interface RightsManifests {
  readonly always: string;
  /** Those that only the setting NETVERDICT_READINESS_GATE needs. */
  readonly readinessGate: string;
}

/**
 * Returns the rights of manifests with ClusterRoles and Roles as a Markdown page: a row for each rule, with its comment as the
 * reason. Fails if a rule has no comment, because each right needs a reason.
 */
export function rightsPage({ always, readinessGate }: RightsManifests): string {
  return [
    "<!-- Generated from manifests/ by `npm run generate`. Do not edit. -->",
    "# Rights of the operator",
    "The operator has the rights below and no others. It may not read Secrets or logs, and not enter a pod.",
    ...rightsTables(always),
    "# Rights for the readiness gate of pods",
    "The operator has this right only where `manifests/readiness-gate/` is installed ([gates.md](gates.md#pods)).",
    ...rightsTables(readinessGate),
    "",
  ].join("\n\n");
}

function rightsTables(manifest: string): string[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const { kind, metadata } = z
      .looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })
      .parse(document.toJS());
    const rules = document.get("rules");
    if (!isSeq(rules)) return [];
    const rows = rules.items.map((item, index) => {
      if (!isMap(item)) throw new Error(`rule ${index + 1} of ${kind} ${metadata.name} is no object`);
      // The comment of the first rule belongs to the list.
      const comment = item.commentBefore ?? (index === 0 ? rules.commentBefore : undefined);
      const rule = ruleSchema.parse(item.toJS(document));
      if (!comment)
        throw new Error(`${rule.resources.join(", ")} of ${kind} ${metadata.name}: no reason. Add a comment`);
      return [groupsOf(rule), resourcesOf(rule), rule.verbs.join(", "), sentence(comment)];
    });
    return [
      `## ${kind} ${metadata.name}`,
      markdownTable(["API group", "resources", "verbs", "reason"], rows),
    ];
  });
}

const groupsOf = ({ apiGroups }: Rule) =>
  apiGroups.map((group) => (group === "" ? "core" : `\`${group}\``)).join(", ");

function resourcesOf({ resources, resourceNames }: Rule): string {
  const names = resourceNames.length === 0 ? "" : ` named ${resourceNames.join(", ")}`;
  return `${resources.map((resource) => `\`${resource}\``).join(", ")}${names}`;
}

const sentence = (comment: string) => comment.replaceAll(/\s+/g, " ").trim();
