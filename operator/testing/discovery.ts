/** What an API server says of the kinds that it serves, where NetworkPolicy is the only kind of policy. */
export const DISCOVERY: ReadonlyMap<string, unknown> = new Map([
  ["/apis", { groups: [{ name: "networking.k8s.io", versions: [{ version: "v1" }] }] }],
  ["/apis/networking.k8s.io/v1", { resources: [{ name: "networkpolicies" }] }],
]);
