import { describe, expect, it } from "vitest";
import * as paths from "./resourcePaths.ts";

describe("the path of", () => {
  it.each([
    ["pods of all namespaces", paths.podsPath(), "/api/v1/pods"],
    ["pods of a namespace", paths.podsPath("shop"), "/api/v1/namespaces/shop/pods"],
    ["a pod", paths.podsPath("shop", "ui-0"), "/api/v1/namespaces/shop/pods/ui-0"],
    ["all tests", paths.connectivityTestsPath(), "/apis/netverdict.dev/v1alpha1/connectivitytests"],
    [
      "a test",
      paths.connectivityTestPath("shop", "web"),
      "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/web",
    ],
    [
      "a test of the whole cluster",
      paths.connectivityTestPath("", "web"),
      "/apis/netverdict.dev/v1alpha1/clusterconnectivitytests/web",
    ],
    [
      "the status of a test",
      paths.connectivityTestStatusPath("shop", "web"),
      "/apis/netverdict.dev/v1alpha1/namespaces/shop/connectivitytests/web/status",
    ],
    [
      "a run",
      paths.probeRunsPath("shop", "r1"),
      "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/r1",
    ],
    [
      "the status of a run",
      paths.probeRunStatusPath("shop", "r1"),
      "/apis/netverdict.dev/v1alpha1/namespaces/shop/proberuns/r1/status",
    ],
    ["TokenReviews", paths.tokenReviewsPath(), "/apis/authentication.k8s.io/v1/tokenreviews"],
    [
      "SubjectAccessReviews",
      paths.subjectAccessReviewsPath(),
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    ],
    ["a Service", paths.servicesPath("shop", "web"), "/api/v1/namespaces/shop/services/web"],
    [
      "EndpointSlices",
      paths.endpointSlicesPath("shop"),
      "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
    ],
    [
      "a ReplicaSet",
      paths.replicaSetPath("shop", "web-1"),
      "/apis/apps/v1/namespaces/shop/replicasets/web-1",
    ],
    ["the ReplicaSets", paths.replicaSetsPath(), "/apis/apps/v1/replicasets"],
    ["a Lease", paths.leasePath("sys", "x"), "/apis/coordination.k8s.io/v1/namespaces/sys/leases/x"],
    ["the Leases", paths.leasePath("sys"), "/apis/coordination.k8s.io/v1/namespaces/sys/leases"],
    ["Events", paths.eventsPath("shop"), "/apis/events.k8s.io/v1/namespaces/shop/events"],
  ])("%s", (_, path, expected) => {
    expect(path).toBe(expected);
  });
});

it("keeps a name from leaving its place in the path", () => {
  expect(paths.podsPath("shop", "../secrets?x")).toBe("/api/v1/namespaces/shop/pods/..%2Fsecrets%3Fx");
});

describe("the resource of a path", () => {
  it.each([
    [paths.podsPath(), "pods"],
    [paths.podsPath("shop", "ui-0"), "pods"],
    [paths.connectivityTestsPath("shop"), "connectivitytests"],
    [paths.probeRunStatusPath("shop", "r1"), "proberuns/status"],
    ["/api/v1/namespaces/shop", "namespaces"],
    ["/apis/apps/v1/namespaces/shop/replicasets/web-1", "replicasets"],
  ])("%s is %s", (path, resource) => {
    expect(paths.resourceOf(path)).toBe(resource);
  });
});
