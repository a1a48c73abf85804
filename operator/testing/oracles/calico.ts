import { array, constant, constantFrom, oneof, record, type Arbitrary } from "fast-check";
import { calicoNetworkSet, calicoPolicy } from "../../cluster/policies/calico.ts";
import type { Policy } from "../../cluster/policies/policy.ts";
import { expressionsOf, isSelected, NAMESPACE_LABEL, textOf, type Expression } from "./calicoExpressions.ts";
import {
  inRange,
  maybe,
  KEYS,
  labelsOf,
  metadataAt,
  NAMESPACES,
  ranges,
  type Labels,
  type Oracle,
  type PolicyEnd,
} from "./oracle.ts";

/*
 * The oracle of Calico's own kinds, by the source of Calico: felix/calc and libcalico-go/lib/backend/syncersv1/updateprocessors
 * in https://github.com/projectcalico/calico. Policies decide in their order, and of each the first rule that matches.
 */

/** Of every service account. */
const SERVICE_ACCOUNT: Labels = { team: "a" };
/** Labels of a pod with which it hides those that it inherits. */
export const INHERITED_KEYS = ["pcns.team", "pcsa.team"];

const selectors = expressionsOf([...KEYS, ...KEYS, ...INHERITED_KEYS, NAMESPACE_LABEL], ["all"]);
const namespaceSelectors = expressionsOf(["team", "kubernetes.io/metadata.name"], ["all", "global"]);
const accountSelectors = expressionsOf(["team"], ["all"]);
const nets = array(ranges, { minLength: 1, maxLength: 2 });

const entitiesWith = (addresses: Arbitrary<readonly string[] | undefined>) =>
  record({
    selector: maybe(selectors, 80),
    notSelector: maybe(selectors, 40),
    namespaceSelector: maybe(namespaceSelectors, 30),
    serviceAccounts: maybe(
      record({ names: constantFrom(["default"], ["other"], []), selector: maybe(accountSelectors) }),
      20,
    ),
    nets: addresses,
    notNets: addresses,
  });
type Entity = ReturnType<typeof entitiesWith> extends Arbitrary<infer Value> ? Value : never;

const policiesWith = (entities: Arbitrary<Entity>) => {
  const rules = array(
    record({
      action: constantFrom("Allow", "Allow", "Deny", "Pass", "Log"),
      source: entities,
      destination: oneof(
        { weight: 3, arbitrary: constant<Partial<Entity>>({}) },
        { weight: 1, arbitrary: entities },
      ),
    }),
    { maxLength: 2 },
  );
  return array(
    record({
      namespace: constantFrom("", "shop", "data"),
      order: constantFrom(undefined, 10, 20),
      selector: maybe(selectors, 40),
      namespaceSelector: maybe(namespaceSelectors, 30),
      serviceAccountSelector: maybe(accountSelectors, 20),
      types: constantFrom(undefined, ["Ingress"], ["Egress"], ["Ingress", "Egress"]).map(
        (types): readonly string[] | undefined => types,
      ),
      ingress: maybe(rules, 80),
      egress: maybe(rules, 80),
    }),
    { minLength: 1, maxLength: 3 },
  );
};
type CalicoPolicy =
  ReturnType<typeof policiesWith> extends Arbitrary<readonly (infer Value)[]> ? Value : never;
type Rules = NonNullable<CalicoPolicy["ingress"]>;

const sets = array(record({ namespace: constantFrom("", "shop", "data"), labels: labelsOf(KEYS), nets }), {
  maxLength: 1,
});
type NetworkSet = typeof sets extends Arbitrary<readonly (infer Value)[]> ? Value : never;

interface Drawn {
  readonly policies: readonly CalicoPolicy[];
  readonly sets: readonly NetworkSet[];
}

/** Labels with which a pod or a set also has those of its namespace and of its service account. */
function effective(namespace: string, own: Labels, account: Labels = {}): Labels {
  const prefixed = (prefix: string, labels: Labels) =>
    Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${prefix}.${key}`, value]));
  return {
    ...prefixed("pcns", NAMESPACES[namespace] ?? {}),
    ...prefixed("pcsa", account),
    ...own,
    ...(namespace !== "" && { [NAMESPACE_LABEL]: namespace }),
  };
}

const ofPod = ({ namespace, labels }: PolicyEnd): Labels => ({
  ...effective(namespace, labels, SERVICE_ACCOUNT),
  "projectcalico.org/serviceaccount": "default",
});

/** An expression over the labels of namespaces or service accounts, as one over the labels that pods inherit. */
function inherited(prefix: string, expression: Expression): Expression {
  if ("has" in expression) return { has: `${prefix}.${expression.has}` };
  if ("call" in expression) return expression.call === "all" ? { has: NAMESPACE_LABEL } : expression;
  if ("not" in expression) return { not: inherited(prefix, expression.not) };
  if ("join" in expression)
    return { ...expression, items: expression.items.map((item) => inherited(prefix, item)) };
  return { ...expression, key: `${prefix}.${expression.key}` };
}

const and = (items: readonly Expression[]): Expression => ({ join: "&&", items });
const is = (key: string, ...values: string[]): Expression => ({ key, operator: "in", values });

/** The service accounts of an entity, as requirements of labels. */
const accountsOf = ({
  serviceAccounts: { names, selector } = { names: [], selector: undefined },
}: Partial<Entity>) => [
  ...(selector ? [inherited("pcsa", selector)] : []),
  ...(names.length > 0 ? [is("projectcalico.org/serviceaccount", ...names)] : []),
];

/** The namespaces of an entity that is selected by labels. */
function namespacesOf({ namespaceSelector }: Partial<Entity>, policyNamespace: string): Expression[] {
  if (namespaceSelector) return [inherited("pcns", namespaceSelector)];
  return policyNamespace === "" ? [] : [is(NAMESPACE_LABEL, policyNamespace)];
}

/** What an object must be to be one of these; undefined: they are not selected by labels. */
function labelled(entity: Partial<Entity>, policyNamespace: string): Expression | undefined {
  const own = [...accountsOf(entity), ...(entity.selector ? [entity.selector] : [])];
  const isLimited = own.length > 0 || (entity.notSelector ?? entity.namespaceSelector) !== undefined;
  if (!isLimited) return undefined;
  const all = [...namespacesOf(entity, policyNamespace), ...own];
  return all.length === 0 ? undefined : and(all);
}

function isOneOf(
  entity: Partial<Entity>,
  end: PolicyEnd,
  { policy, drawn }: { policy: CalicoPolicy; drawn: Drawn },
) {
  // The addresses of all pods and sets that are selected.
  const isInSetOf = (expression: Expression) =>
    isSelected(expression, ofPod(end)) ||
    drawn.sets.some(
      (set) =>
        isSelected(expression, effective(set.namespace, set.labels)) &&
        set.nets.some((net) => inRange(end.address, net)),
    );
  const wanted = labelled(entity, policy.namespace);
  const isIn = (list: readonly string[]) => list.some((net) => inRange(end.address, net));
  return (
    (wanted === undefined || isInSetOf(wanted)) &&
    (entity.notSelector === undefined || !isInSetOf(entity.notSelector)) &&
    (entity.nets === undefined || isIn(entity.nets)) &&
    !isIn(entity.notNets ?? [])
  );
}

function holdsFor(policy: CalicoPolicy, end: PolicyEnd): boolean {
  const { namespace, selector, namespaceSelector, serviceAccountSelector } = policy;
  const labels = ofPod(end);
  return [
    ...(selector ? [selector] : []),
    ...(namespace === "" ? [] : [is(NAMESPACE_LABEL, namespace)]),
    ...(namespace === "" && namespaceSelector ? [inherited("pcns", namespaceSelector)] : []),
    ...(serviceAccountSelector ? [inherited("pcsa", serviceAccountSelector)] : []),
  ].every((one) => isSelected(one, labels));
}

interface Direction {
  readonly from: PolicyEnd;
  readonly to: PolicyEnd;
  readonly type: "Ingress" | "Egress";
  readonly rulesOf: (policy: CalicoPolicy) => Rules | undefined;
  readonly guarded: PolicyEnd;
}

function isLetThrough(drawn: Drawn, { from, to, type, rulesOf, guarded }: Direction): boolean {
  const inForce = drawn.policies
    // Without types a policy holds for both directions.
    .filter((policy) => (policy.types ?? [type]).includes(type) && holdsFor(policy, guarded))
    .toSorted((one, other) => (one.order ?? 1e9) - (other.order ?? 1e9));
  for (const policy of inForce) {
    const context = { policy, drawn };
    const rule = rulesOf(policy)?.find(
      ({ action, source, destination }) =>
        action !== "Log" && isOneOf(source, from, context) && isOneOf(destination, to, context),
    );
    // What is passed on is let through by the profile of the namespace.
    if (rule) return rule.action !== "Deny";
  }
  return inForce.length === 0;
}

const textIn = (expression: Expression | undefined) => expression && textOf(expression);

const rawEntity = (entity: Partial<Entity>) => ({
  ...entity,
  selector: textIn(entity.selector),
  notSelector: textIn(entity.notSelector),
  namespaceSelector: textIn(entity.namespaceSelector),
  serviceAccounts: entity.serviceAccounts && {
    ...entity.serviceAccounts,
    selector: textIn(entity.serviceAccounts.selector),
  },
});

const rawRules = (rules: Rules | undefined) =>
  rules?.map(({ action, source, destination }) => ({
    action,
    source: rawEntity(source),
    destination: rawEntity(destination),
  }));

function readPolicy(policy: CalicoPolicy, place: number): Policy {
  const { namespace, selector, namespaceSelector, serviceAccountSelector, ...spec } = policy;
  const isGlobal = namespace === "";
  return calicoPolicy(isGlobal ? "GlobalNetworkPolicy" : "NetworkPolicy").parse({
    metadata: metadataAt(place, namespace),
    spec: {
      ...spec,
      selector: textIn(selector),
      ...(isGlobal && { namespaceSelector: textIn(namespaceSelector) }),
      serviceAccountSelector: textIn(serviceAccountSelector),
      ingress: rawRules(policy.ingress),
      egress: rawRules(policy.egress),
    },
  });
}

const oracleOf = (policies: Arbitrary<Drawn>): Oracle<Drawn> => ({
  policies,
  read: (drawn) => [
    ...drawn.policies.map(readPolicy),
    ...drawn.sets.map(({ namespace, labels, nets: list }, place) =>
      calicoNetworkSet(namespace === "" ? "GlobalNetworkSet" : "NetworkSet").parse({
        metadata: { ...metadataAt(100 + place, namespace), labels },
        spec: { nets: list },
      }),
    ),
  ],
  passes: (drawn, from, to) =>
    isLetThrough(drawn, { from, to, type: "Egress", rulesOf: ({ egress }) => egress, guarded: from }) &&
    isLetThrough(drawn, { from, to, type: "Ingress", rulesOf: ({ ingress }) => ingress, guarded: to }),
});

export const calico = oracleOf(record({ policies: policiesWith(entitiesWith(maybe(nets, 25))), sets }));

/** Without addresses. */
export const calicoByLabel = oracleOf(
  record({ policies: policiesWith(entitiesWith(constant(undefined))), sets: constant([]) }),
);
