/** The part of a pod that policies compare. */
export interface MatchedPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The value of a label of a pod. */
export function labelOf({ labels }: MatchedPod, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
