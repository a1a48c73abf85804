import { healthy, json, notFound, type Role } from "./answer.ts";
import { productsSchema } from "./product.ts";

/** Runs one statement and gives its rows. */
export type Query = (statement: string) => Promise<unknown>;

const PRODUCTS = "SELECT id, name, cents FROM products ORDER BY id";

/** The catalog reads its database for every answer, so that it is as healthy as its database. */
export function catalog(query: Query): Role {
  const products = async () => productsSchema.parse(await query(PRODUCTS));
  return async (request) => {
    switch (request) {
      case "GET /health":
        return products().then(
          () => healthy,
          (error: unknown) => json({ healthy: false, error: String(error) }, 503),
        );
      case "GET /products":
        return json(await products());
      default:
        return notFound;
    }
  };
}
