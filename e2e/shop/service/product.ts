import { z } from "zod";

export const productSchema = z.object({ id: z.int(), name: z.string(), cents: z.int() });
export type Product = z.infer<typeof productSchema>;
export const productsSchema = z.array(productSchema);

export const orderSchema = z.object({ number: z.int(), product: z.string(), cents: z.int() });
export type Order = z.infer<typeof orderSchema>;
