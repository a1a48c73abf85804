import { array, assert, constantFrom, dictionary, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { twinNetworks } from "./secondNetworks.ts";

const json = (...elements: unknown[]) => JSON.stringify(elements);

describe("an annotation that attaches a pod to networks", () => {
  it.each(["plant", "plant, office", "scada/plant@net1", " scada/plant@net1 ,office", "plant.v2"])(
    "has no address in its short form: %s",
    (annotation) => {
      expect(twinNetworks(annotation)).toEqual({ networks: annotation });
    },
  );

  it.each([
    ["as in BR-08", { name: "plant", ips: ["192.0.2.10/24"], mac: "c2:b0:57:49:47:f1" }, { name: "plant" }],
    [
      "with everything that there is",
      {
        name: "plant",
        namespace: "scada",
        interface: "net1",
        bandwidth: { ingressRate: 2048 },
        "cni-args": { routes: [{ dst: "0.0.0.0/0" }] },
        "infiniband-guid": "c2:11:22:33:44:55:66:77",
        "ipam-claim-reference": "claim",
        portMappings: [{ hostPort: 80, containerPort: 8080 }],
        "device-id": "0000:00:1f",
        routes: [{ dst: "10.0.0.0/8" }],
        ofTheFuture: "192.0.2.10",
      },
      { name: "plant", namespace: "scada", interface: "net1", bandwidth: { ingressRate: 2048 } },
    ],
    ["without any of it", { name: "plant" }, { name: "plant" }],
  ])("keeps only what selects the network: %s", (_, element, kept) => {
    expect(twinNetworks(json(element, { name: "office" }))).toEqual({
      networks: json(kept, { name: "office" }),
    });
  });

  it.each([
    ["broken JSON", '[{"name": "plant"', "is not a JSON list of networks with a name"],
    ["one object instead of a list", '{"name": "plant"}', "is not a JSON list of networks with a name"],
    ["names as JSON", '["plant"]', "is not a JSON list of networks with a name"],
    [
      "an element without a name",
      json({ ips: ["192.0.2.10"] }),
      "is not a JSON list of networks with a name",
    ],
    ["other characters", "plant;ips=192.0.2.10", "is neither a JSON list nor a list of names"],
    ["nothing", "", "is neither a JSON list nor a list of names"],
    [
      "a default route through that network",
      json({ name: "plant", "default-route": ["192.0.2.1"] }),
      "has a default-route, which a probe pod must not take over",
    ],
  ])("cannot be taken over: %s", (_, annotation, problem) => {
    expect(twinNetworks(annotation)).toEqual({ problem });
  });

  it("never carries an address over, independent of its other annotations", () => {
    const address = "192.0.2.10";
    const fields = dictionary(
      string().filter((key) => !["name", "namespace", "interface", "bandwidth", "__proto__"].includes(key)),
      constantFrom<unknown>(address, [address], { ips: [address] }),
    );
    assert(
      property(array(fields, { minLength: 1 }), (elements) => {
        const taken = twinNetworks(json(...elements.map((element) => ({ ...element, name: "plant" }))));
        expect(JSON.stringify(taken)).not.toContain(address);
      }),
    );
  });
});
