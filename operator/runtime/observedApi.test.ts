import { describe, expect, it } from "vitest";
import type { Api } from "./api.ts";
import { ApiError, errorFromAnswer } from "./apiError.ts";
import { observeCaches, observeRejections, rejectionReason } from "./observedApi.ts";

const PODS = "/api/v1/namespaces/shop/pods";
const answer = (code: number, message: string, more: object = {}) =>
  errorFromAnswer(code, JSON.stringify({ message, ...more }), "");

describe("the requests of caches", () => {
  const signalOf = (isAborted: boolean) => (isAborted ? AbortSignal.abort() : new AbortController().signal);

  /** What is noted if the server responds to all requests with this error. */
  async function noted(failure: unknown, isAborted = false): Promise<unknown[]> {
    const seen: unknown[] = [];
    const api: Pick<Api, "pages" | "watch"> = {
      async *pages() {
        yield { items: [], resourceVersion: "1" };
        if (failure !== undefined) throw failure;
      },
      async watch() {
        if (failure !== undefined) throw failure;
      },
    };
    const observed = observeCaches(api, {
      onList: (resource) => seen.push(`list ${resource}`),
      onError: (error) => seen.push(error),
    });
    const signal = signalOf(isAborted);
    const pages = Array.fromAsync(observed.pages(PODS, {}, { signal }));
    const results = await Promise.allSettled([pages, observed.watch(PODS, {}, { signal, onEvent() {} })]);
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 2 }, () => (failure === undefined ? "fulfilled" : "rejected")),
    );
    return seen;
  }

  it("are counted by resource, each list and each error once", async () => {
    expect(await noted(undefined)).toEqual(["list pods"]);
    expect(await noted(answer(410, "too old"))).toEqual([
      "list pods",
      { resource: "pods", verb: "watch", code: 410 },
      { resource: "pods", verb: "list", code: 410 },
    ]);
  });

  it("have the code 0 if the connection has broken", async () => {
    expect(await noted(new Error("reset"))).toContainEqual({ resource: "pods", verb: "watch", code: 0 });
  });

  it("have not failed if the cache itself has stopped them", async () => {
    expect(await noted(new Error("aborted"), true)).toEqual(["list pods"]);
  });
});

describe("rejections", () => {
  it.each([
    ["Quota", answer(403, 'pods "probe-1" is forbidden: exceeded quota: small, requested: pods=1')],
    ["Quota", answer(403, 'pods "probe-1" is forbidden: failed quota: small: must specify limits.cpu')],
    ["Admission", answer(403, 'pods "probe-1" is forbidden: violates PodSecurity "restricted:latest"')],
    ["Admission", answer(400, 'admission webhook "images.example.com" denied the request: no')],
    [
      "Admission",
      answer(422, "ValidatingAdmissionPolicy 'images' with binding 'images' denied request: no image"),
    ],
    [
      "Authorization",
      answer(403, 'pods is forbidden: User "system:serviceaccount:a:b" cannot create resource "pods"'),
    ],
    ["Authorization", answer(401, "Unauthorized")],
    [
      "NamespaceTerminating",
      answer(403, 'pods "probe-1" is forbidden: unable to create new content in namespace shop', {
        details: { causes: [{ reason: "NamespaceTerminating", message: "", field: "metadata.namespace" }] },
      }),
    ],
    ["NotFound", answer(404, 'namespaces "shop" not found')],
    ["Invalid", answer(422, 'Pod "probe-1" is invalid: spec.containers: Required value')],
    [undefined, answer(409, 'pods "probe-1" already exists', { reason: "AlreadyExists" })],
    [undefined, answer(429, "too many requests")],
    [undefined, answer(500, "internal error: webhook denied the request")],
  ])("%s: %s", (reason, error) => {
    expect(rejectionReason(error)).toBe(reason);
  });

  it("reach the caller as they are, after they were noted with their resource", async () => {
    const error = answer(403, "pods is forbidden: exceeded quota: small");
    const seen: string[] = [];
    const create = observeRejections({ create: () => Promise.reject(error) }, (resource, reason) =>
      seen.push(`${resource} ${reason}`),
    );
    await expect(create(PODS, {})).rejects.toBe(error);
    expect(error).toBeInstanceOf(ApiError);
    expect(seen).toEqual(["pods Quota"]);
  });

  it("are not noted for a request that succeeds or gets no answer", async () => {
    const seen: string[] = [];
    const note = (resource: string) => seen.push(resource);
    expect(await observeRejections({ create: async () => "created" }, note)(PODS, {})).toBe("created");
    const unanswered = observeRejections({ create: () => Promise.reject(new Error("reset")) }, note)(
      PODS,
      {},
    );
    await expect(unanswered).rejects.toThrow("reset");
    expect(seen).toEqual([]);
  });
});
