/** The operator's settings in the end-to-end tests that differ from those of manifests/. */
export const TEST_SETTINGS = {
  // Targets outside of the embedded cluster, which witnesses try only if allowed: ranges for documentation, a cloud's metadata.
  NETVERDICT_WITNESS_ALLOW: "203.0.113.0/24,2001:db8:113::/64,169.254.169.254/32",
  // A limit that e2e/node-faults/many-tests.test.ts reaches, and no other test.
  NETVERDICT_MAX_PODS_PER_NAMESPACE: "20",
  // As Argo Rollouts and Flagger use it inside a cluster; unit tests have the one with TLS.
  NETVERDICT_GATE: "http",
  // With the rights of manifests/readiness-gate/.
  NETVERDICT_READINESS_GATE: "true",
};
