import { healthy, notFound, page, type Role } from "./answer.ts";
import type { Order, Product } from "./product.ts";

interface Shop {
  readonly products: () => Promise<readonly Product[]>;
  readonly order: (product: string) => Promise<Order>;
}

/** The shop's pages: what there is to buy, and a button that orders it. */
export function ui({ products, order }: Shop): Role {
  return async (request, query) => {
    switch (request) {
      case "GET /health":
        return healthy;
      case "GET /":
        return page(`<h1>Shop</h1><ul>${(await products()).map(offer).join("")}</ul>`);
      case "POST /buy": {
        const { number, product, cents } = await order(query.get("product") ?? "");
        return page(`<p>Order ${number}: ${escape(product)}, ${price(cents)}. <a href="/">Back</a></p>`);
      }
      default:
        return notFound;
    }
  };
}

function offer({ id, name, cents }: Product): string {
  const button = `<form method="post" action="/buy?product=${id}"><button>Buy</button></form>`;
  return `<li>${escape(name)} ${price(cents)} ${button}</li>`;
}

function price(cents: number): string {
  return `${(cents / 100).toFixed(2)} €`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
