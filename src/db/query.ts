/** Prepared statements, outside of transactions and in them. */
import { PostgresJsSession } from "drizzle-orm/postgres-js";
import type { Ctx, Transaction } from "./context.ts";

type Value = string | number | boolean | null | undefined;

/** A prepared statement; what its rows are is up to the caller. Throws `unavailable` where the database is away. */
export async function query<Row extends object>(ctx: Ctx, text: string, values: readonly Value[]): Promise<Row[]> {
  const { database } = ctx.store;
  const parameters = values.map((value) => value ?? null);
  return database.guard(() => database.sql.unsafe<Row[]>(text, parameters, { prepare: true }));
}

/**
 * The same inside a transaction. Drizzle prepares nothing that it is given as text: such a statement is parsed and
 * planned each time, and takes a second round trip to learn the types of its parameters.
 */
export async function queryIn<Row extends object>(
  orm: Pick<Transaction, "_">,
  text: string,
  values: readonly Value[],
): Promise<Row[]> {
  const { session } = orm._;
  if (!(session instanceof PostgresJsSession)) throw new Error("the transaction is not one of postgres.js");
  const parameters = values.map((value) => value ?? null);
  return session.client.unsafe(text, parameters, { prepare: true });
}
