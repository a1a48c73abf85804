import { healthy, json, notFound, type Role } from "./answer.ts";
import type { Order, Product } from "./product.ts";

/** Takes orders at the catalog's prices, and keeps them as long as the process lives. */
export function orders(products: () => Promise<readonly Product[]>): Role {
  const taken: Order[] = [];
  return async (request, query) => {
    switch (request) {
      case "GET /health":
        return healthy;
      case "GET /orders":
        return json(taken);
      case "POST /orders": {
        const product = (await products()).find(({ id }) => String(id) === query.get("product"));
        if (product === undefined) return json({ error: "no such product" }, 404);
        const order = { number: taken.length + 1, product: product.name, cents: product.cents };
        taken.push(order);
        return json(order, 201);
      }
      default:
        return notFound;
    }
  };
}
