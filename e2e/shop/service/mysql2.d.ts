/** The part of mysql2 that the shop uses: the repository's type check runs without the shop's own packages. */
declare module "mysql2/promise" {
  interface Pool {
    query(options: {
      readonly sql: string;
      readonly timeout: number;
    }): Promise<[rows: unknown, fields: unknown]>;
  }
  interface PoolOptions {
    readonly host: string;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    readonly connectionLimit: number;
    /** Milliseconds. */
    readonly connectTimeout: number;
  }
  export function createPool(options: PoolOptions): Pool;
}
