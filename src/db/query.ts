/** Reads outside of transactions. */
import type { Ctx } from "./context.ts";

type Value = string | number | boolean | null | undefined;

/** A prepared statement; what its rows are is up to the caller. Throws `unavailable` where the database is away. */
export async function query<Row extends object>(ctx: Ctx, text: string, values: readonly Value[]): Promise<Row[]> {
  const { database } = ctx.store;
  const parameters = values.map((value) => value ?? null);
  return database.guard(() => database.sql.unsafe<Row[]>(text, parameters, { prepare: true }));
}
