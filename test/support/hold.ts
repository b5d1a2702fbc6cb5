/** Keeps writers waiting, so that they meet. PostgreSQL only: the embedded database knows one transaction at a time. */
import type { TestApp } from "./app.ts";

/** Holds a row until `count` statements wait for locks. */
export async function hold(
  app: Pick<TestApp, "database"> | undefined,
  table: "rooms" | "jobs",
  id: string,
  count: number,
): Promise<{ released: Promise<unknown> }> {
  const held = Promise.withResolvers<void>();
  const released = app?.database.sql.begin(async (tx) => {
    await tx`select id from ${tx(table)} where id = ${id} for update`;
    held.resolve();
    for (let waiting = 0; waiting < count; ) {
      await tx`select pg_stat_clear_snapshot()`; // a transaction sees the activity of its first look, else
      const [row] = await tx<{ waiting: number }[]>`select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      waiting = row?.waiting ?? 0;
    }
  });
  await held.promise;
  return { released: released ?? Promise.resolve() };
}
