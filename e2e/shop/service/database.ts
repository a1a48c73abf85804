import { createPool } from "mysql2/promise";

import type { Query } from "./catalog.ts";

interface Connection {
  readonly host: string;
  readonly password: string;
}

/** The shop's database by the MySQL protocol. Connects on the first statement; a statement fails after two seconds. */
export function database({ host, password }: Connection): Query {
  const pool = createPool({
    host,
    password,
    user: "catalog",
    database: "catalog",
    connectionLimit: 4,
    connectTimeout: 1_000,
  });
  return async (sql) => (await pool.query({ sql, timeout: 2_000 }))[0];
}
