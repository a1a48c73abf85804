import { clusterConnectivityTestSchema, connectivityTestSchema } from "../connectivitytest.ts";
import {
  CATEGORY,
  CLUSTER_CONNECTIVITY_TEST,
  CONNECTIVITY_TEST,
  GROUP,
  type KindNames,
  PROBE_GRANT,
  PROBE_RUN,
  VERSION,
} from "../group.ts";
import { probeGrantSchema } from "../probegrant.ts";
import { probeRunSchema } from "../proberun/proberun.ts";
import { type SchemaNode, structuralSchema } from "./schema.ts";
import { violations } from "./structural.ts";

/** A column of `kubectl get`; priority 1 is for `-o wide`. */
interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

/** The contents of a CustomResourceDefinition, besides its names. */
interface Kind {
  readonly names: KindNames;
  readonly description: string;
  readonly spec: SchemaNode;
  /** Undefined: the kind has no status. */
  readonly status?: SchemaNode;
  readonly columns: readonly Column[];
  readonly subresources: Readonly<Record<string, unknown>>;
}

const AGE: Column = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "The age of the object.",
};

const TEST_COLUMNS: readonly Column[] = [
  { name: "Verdict", type: "string", jsonPath: ".status.verdict", description: "The test's verdict." },
  { name: "Passed", type: "string", jsonPath: ".status.summary.text", description: "Passed expectations." },
  {
    name: "Last Run",
    type: "date",
    jsonPath: ".status.run.finishedAt",
    description: "When the last run ended.",
  },
  { name: "Message", type: "string", jsonPath: ".status.message", description: "The worst expectation." },
  {
    name: "Next",
    type: "string", // not a date: kubectl prints those as an age, and one in the future as <invalid>
    jsonPath: ".status.nextRunAt",
    description: "When the next run is due.",
    priority: 1,
  },
  {
    name: "Run",
    type: "string",
    jsonPath: ".status.run.id",
    description: "The id of the last run.",
    priority: 1,
  },
  { ...AGE, priority: 1 },
];

const connectivityTest: Kind = {
  names: CONNECTIVITY_TEST,
  description:
    "A ConnectivityTest declares which workloads may reach which targets, and which may not. The operator tests this from pods with the workloads' identity, and writes expected against actual into the status.",
  spec: structuralSchema(connectivityTestSchema.shape.spec),
  status: structuralSchema(connectivityTestSchema.shape.status),
  columns: TEST_COLUMNS,
  subresources: { status: {} },
};

const clusterConnectivityTest: Kind = {
  names: CLUSTER_CONNECTIVITY_TEST,
  description:
    "A ClusterConnectivityTest is a ConnectivityTest for administrators: its sources and targets are in any namespace, and need no ProbeGrant.",
  spec: structuralSchema(clusterConnectivityTestSchema.shape.spec),
  status: structuralSchema(clusterConnectivityTestSchema.shape.status),
  columns: TEST_COLUMNS,
  subresources: { status: {} },
};

const probeGrant: Kind = {
  names: PROBE_GRANT,
  description:
    "A ProbeGrant lets the ConnectivityTests of other namespaces use pods of this namespace: as sources, whose identity probe pods then carry, or as targets.",
  spec: structuralSchema(probeGrantSchema.shape.spec),
  columns: [
    {
      name: "To",
      type: "string",
      jsonPath: ".spec.to[*].namespace",
      description: "The namespaces whose tests it is for.",
    },
    AGE,
  ],
  subresources: {},
};

const probeRun: Kind = {
  names: PROBE_RUN,
  description:
    "A ProbeRun is one run of a test in one namespace: its spec is the plan, its status the raw results. Only the operator creates it. It owns the probe pods.",
  spec: structuralSchema(probeRunSchema.shape.spec),
  status: structuralSchema(probeRunSchema.shape.status),
  columns: [
    { name: "Test", type: "string", jsonPath: ".spec.test.name", description: "The test it belongs to." },
    { name: "Trigger", type: "string", jsonPath: ".spec.run.trigger", description: "Why the run started." },
    { name: "Phase", type: "string", jsonPath: ".status.phase", description: "The phase of the run." },
    AGE,
  ],
  // A PodDisruptionBudget reads the scale of the controller of every pod that it selects, and blocks every eviction
  // if there is none. The API server returns 0 if the status has no replicas.
  subresources: {
    status: {},
    scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
  },
};

/** Returns the CustomResourceDefinitions of this group, ready to be applied. Throws if a schema is not structural. */
export function customResourceDefinitions(): CustomResourceDefinition[] {
  return [connectivityTest, clusterConnectivityTest, probeGrant, probeRun].map(definition);
}

export type CustomResourceDefinition = ReturnType<typeof definition>;

function definition(kind: Kind) {
  const { plural, singular, shortNames } = kind.names;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: kind.names.scope,
      names: {
        kind: kind.names.kind,
        listKind: `${kind.names.kind}List`,
        plural,
        singular,
        shortNames,
        categories: [CATEGORY],
      },
      versions: [version(kind)] as const,
    },
  };
}

function version(kind: Kind) {
  const schema = openAPIV3Schema(kind);
  const broken = violations(schema);
  if (broken.length > 0) throw new Error(`${kind.names.kind} is not structural:\n${broken.join("\n")}`);
  return {
    name: VERSION,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    subresources: kind.subresources,
    additionalPrinterColumns: kind.columns,
  };
}

function openAPIV3Schema({ description, spec, status }: Kind): SchemaNode {
  return {
    type: "object",
    description,
    required: ["spec"],
    properties: {
      apiVersion: { type: "string", description: "Version of this kind's schema." },
      kind: { type: "string", description: "The kind of this object." },
      metadata: { type: "object" },
      spec,
      ...(status && { status }),
    },
  };
}
