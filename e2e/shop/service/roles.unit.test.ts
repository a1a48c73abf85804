import { describe, expect, it } from "vitest";

import type { Role } from "./answer.ts";
import { catalog } from "./catalog.ts";
import { orders } from "./orders.ts";
import { ui } from "./ui.ts";

const cup = { id: 7, name: "Cup", cents: 1250 };

async function ask(role: Role, request: string, query = "") {
  return role(request, new URLSearchParams(query));
}

describe("catalog", () => {
  it("gives what its database holds", async () => {
    const { status, body } = await ask(
      catalog(async () => [cup]),
      "GET /products",
    );
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual([cup]);
  });

  it.each([
    ["answers", async () => [cup], 200],
    ["fails", () => Promise.reject(new Error("no route")), 503],
    ["answers with something else", async () => [{ id: "seven" }], 503],
  ])("is as healthy as its database: it %s", async (_, query, status) => {
    expect(await ask(catalog(query), "GET /health")).toMatchObject({ status });
  });
});

describe("orders", () => {
  it("takes an order at the catalog's price and lists it", async () => {
    const role = orders(async () => [cup]);
    expect(await ask(role, "POST /orders", "product=7")).toMatchObject({ status: 201 });
    const { body } = await ask(role, "GET /orders");
    expect(JSON.parse(body)).toEqual([{ number: 1, product: "Cup", cents: 1250 }]);
  });

  it("refuses a product that the catalog does not have", async () => {
    expect(
      await ask(
        orders(async () => [cup]),
        "POST /orders",
        "product=8",
      ),
    ).toMatchObject({ status: 404 });
  });
});

describe("ui", () => {
  const shop = {
    products: async () => [{ ...cup, name: "<b>Cup" }],
    order: async () => ({ number: 3, product: "Cup", cents: 1250 }),
  };

  it("shows names as text, never as markup", async () => {
    const { body } = await ask(ui(shop), "GET /");
    expect(body).toContain("&#60;b&#62;Cup 12.50 €");
  });

  it("orders what the button says", async () => {
    expect((await ask(ui(shop), "POST /buy", "product=7")).body).toContain("Order 3: Cup, 12.50 €");
  });
});

it.each([
  ["ui", ui({ products: async () => [], order: () => Promise.reject(new Error("none")) })],
  ["orders", orders(async () => [])],
  ["catalog", catalog(async () => [])],
])("%s has no other pages", async (_, role) => {
  expect(await ask(role, "GET /nowhere")).toMatchObject({ status: 404 });
});
