import { clusterUp } from "../cluster/cluster.ts";
import type { Report } from "../process/report.ts";
import { takeInterrupts } from "../process/interrupt.ts";
import { type Kubectl, kubectlOf } from "../kube/kubectl.ts";
import type { Images } from "../kube/kustomize.ts";
import { buildOperatorImage, operatorImage } from "../install/operatorImage.ts";
import { buildShopImages, imageRequests, shopImages } from "../shop/images.ts";
import type { Existing } from "./options.ts";

/** Where the demo happens. */
export interface Place {
  readonly kubectl: Kubectl;
  /** References of the images, all within the cluster's reach. */
  readonly images: { readonly operator: string; readonly shop: Images };
  /** Lines for the user's own shell: after them `kubectl` means this cluster. */
  readonly access: readonly string[];
  /** Commands that end what the demo began. */
  readonly stop: readonly string[];
}

/** This checkout's own cluster, with the images built from the checkout. Ctrl-C takes down what is half built. */
export async function embedded(report: Report): Promise<Place> {
  const interrupt = takeInterrupts();
  const images = [operatorImage, ...imageRequests(shopImages)];
  const cluster = await clusterUp({ report, interrupted: interrupt.signal, images }).finally(
    interrupt.release,
  );
  report(`cluster ${cluster.name} ${cluster.foundRunning ? "runs already" : "is up"}`);
  const operator = await buildOperatorImage(report);
  await cluster.load(operator.reference);
  const shop = await buildShopImages(report, async (reference) => cluster.load(reference));
  report("the cluster has the images");
  return {
    kubectl: kubectlOf(cluster.kubectl, { kubeconfig: cluster.kubeconfig }),
    images: { operator: operator.reference, shop },
    access: [`export KUBECONFIG=${cluster.kubeconfig}`, `alias kubectl=${cluster.kubectl}`],
    stop: ["npm run cluster -- down"],
  };
}

/** A cluster that the user has; what else runs there is left alone. */
export function existing({ context, registry, tag }: Existing): Place {
  const reference = (name: string): string => `${registry}/${name}:${tag}`;
  const shop = Object.keys(shopImages).map((name) => [name, reference(name)] as const);
  return {
    kubectl: kubectlOf("kubectl", { context }),
    images: { operator: reference("netverdict"), shop: Object.fromEntries(shop) },
    access: [`kubectl config use-context ${context}`],
    stop: ["kubectl delete -f e2e/shop/app/namespaces.yaml", "kubectl delete -k manifests"],
  };
}
