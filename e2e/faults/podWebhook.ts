import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PROBE_RUN, TRUST_ADMISSION, WITNESS_NAMESPACE } from "../../crds/group.ts";
import { run } from "../process/command.ts";
import { apply, deploy } from "../kube/deploy.ts";
import { kubectl, makeNamespace } from "../harness/scenario.ts";
import { deployment, service } from "../harness/workload.ts";

/** What the webhook makes of a probe pod: RFC 6902 operations on the pod, or a refusal in these words. */
export type Admission = { readonly patch: readonly object[] } | { readonly refuse: string };

/** Each for the probe pods whose ProbeRun has this in its name: the name of a test is the beginning of its runs' names. */
export type Admissions = Readonly<Record<string, Admission>>;

/** Reviews pods by their ProbeRun (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */
const SERVER = `
const { ADMISSIONS, KEY: key, CERTIFICATE: cert } = process.env;
const admissions = Object.entries(JSON.parse(ADMISSIONS));
const verdictOn = ({ metadata: { ownerReferences } }) => {
  const [, { patch, refuse }] = admissions.find(([words]) => ownerReferences.some(({ name }) => name.includes(words)));
  if (refuse) return { allowed: false, status: { message: refuse } };
  return { allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
};
require("https").createServer({ key, cert }, async (request, response) => {
  const { apiVersion, kind, request: { uid, object } } = JSON.parse((await request.toArray()).join(""));
  response.end(JSON.stringify({ apiVersion, kind, response: { uid, ...verdictOn(object) } }));
}).listen(8080, "::");`;

/**
 * Puts a mutating webhook, served by a pod in a namespace of its own, before every probe pod that is made in a namespace
 * (for a witness: before those whose ProbeRun has the words `of` in its name). Nothing else passes it. It stays until what is returned is called, such as at the end of a `beforeAll`.
 */
export async function putWebhook(
  { namespace, of = "" }: { readonly namespace: string; readonly of?: string },
  admission: Admission,
): Promise<() => Promise<void>> {
  return putWebhooks(namespace, { [of]: admission });
}

/**
 * The same for several tests whose probe pods are admitted differently. Except in the namespace of the witnesses, which all tests
 * share, admission may give these pods what the policy for the operator's account forbids.
 */
export async function putWebhooks(namespace: string, admissions: Admissions): Promise<() => Promise<void>> {
  if (namespace !== WITNESS_NAMESPACE)
    await kubectl(["label", "--overwrite", "namespace", namespace, `${TRUST_ADMISSION}=true`]);
  const { name: home, remove } = await makeNamespace("webhook");
  const { key, certificate } = await selfSigned(`admission.${home}.svc`);
  const environment = { ADMISSIONS: JSON.stringify(admissions), KEY: key, CERTIFICATE: certificate };
  const server = { namespace: home, name: "admission", script: SERVER, environment };
  const manifest = [deployment(server), service(server)].map((object) => JSON.stringify(object));
  await deploy(kubectl, manifest.join("\n---\n"));
  const words = Object.keys(admissions);
  const configuration = webhookConfiguration({ home, certificate, namespace, words });
  await apply(kubectl, JSON.stringify(configuration));
  return async () => {
    await kubectl(["delete", "mutatingwebhookconfiguration", configuration.metadata.name]);
    await remove();
  };
}

interface Hook {
  readonly home: string;
  readonly certificate: string;
  readonly namespace: string;
  readonly words: readonly string[];
}

function webhookConfiguration({ home, certificate, namespace: victim, words }: Hook) {
  const named = `${JSON.stringify(words)}.exists(words, o.name.contains(words))`;
  const controlled = `o.kind == "${PROBE_RUN.kind}" && ${named}`;
  const isProbePod = `object.metadata.?ownerReferences.orValue([]).exists(o, ${controlled})`;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: `e2e-${home}-${randomBytes(2).toString("hex")}` },
    webhooks: [
      {
        name: "probe-pods.e2e.netverdict.dev",
        clientConfig: {
          service: { namespace: home, name: "admission", port: 80 },
          caBundle: Buffer.from(certificate).toString("base64"),
        },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": victim } },
        matchConditions: [{ name: "probe-pods", expression: isProbePod }],
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        failurePolicy: "Fail",
        timeoutSeconds: 10,
      },
    ],
  };
}

/** A key and a certificate that speaks for itself, both as PEM. */
export async function selfSigned(host: string): Promise<{ key: string; certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), "netverdict-webhook-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const subject = ["-subj", "/CN=admission", "-addext", `subjectAltName=DNS:${host}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    await run("openssl", [
      "req",
      "-x509",
      ...curve,
      ...subject,
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      certificate,
    ]);
    return { key: await readFile(key, "utf8"), certificate: await readFile(certificate, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
