import { createServer, type IncomingMessage } from "node:http";

import { type Answer, json, type Role } from "./answer.ts";
import { ask } from "./ask.ts";
import { catalog } from "./catalog.ts";
import { database } from "./database.ts";
import { orders } from "./orders.ts";
import { orderSchema, productsSchema } from "./product.ts";
import { ui } from "./ui.ts";

const PORT = 8080;

const roles: Readonly<Record<string, () => Role>> = {
  ui: () => ui({ products, order }),
  orders: () => orders(products),
  catalog: () => catalog(database({ host: needed("DATABASE_HOST"), password: needed("DATABASE_PASSWORD") })),
};

const role = roles[needed("ROLE")]?.();
if (role === undefined) throw new Error(`ROLE must be one of ${Object.keys(roles).join(", ")}`);
serve(role);

async function products() {
  return ask(new URL("/products", needed("CATALOG_URL")), productsSchema);
}

async function order(product: string) {
  const url = new URL("/orders", needed("ORDERS_URL"));
  url.searchParams.set("product", product);
  return ask(url, orderSchema, "POST");
}

function serve(answer: Role): void {
  const server = createServer((request, response) => {
    void answered(answer, request).then(({ status, type, body }) =>
      response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(body),
    );
  });
  server.listen(PORT, () => console.log(`${process.env["ROLE"]} listens on ${PORT}`));
  // The first process of a container dies of no signal that it does not handle.
  process.on("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
    process.exit(0);
  });
}

/** The role's answer, or 502 where it fails because a service behind it did. */
async function answered(answer: Role, { method, url }: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(url ?? "/", "http://shop");
  try {
    return await answer(`${method} ${pathname}`, searchParams);
  } catch (error) {
    console.error(error);
    return json({ error: "a service behind this one failed" }, 502);
  }
}

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} must be set`);
  return value;
}
