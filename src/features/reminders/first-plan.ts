/**
 * Tasks that had due times before this server knew of reminders: the log behind them is not read again, for it would make
 * everything late that it finds. They are planned once, from now on.
 */
import { type Ctx, transact } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { fromNow, planTasks } from "./plan.ts";

const marker = "reminders_planned";
const tasksAtOnce = 500;
const beforeAll = "00000000-0000-0000-0000-000000000000";

const tasksSql = `select id from tasks where id > $1::uuid order by id limit ${tasksAtOnce}`;

/** Does it where it was not done, while `goesOn`; where it is broken off, it begins anew the next time. */
export async function planFirst(ctx: Ctx, goesOn: () => boolean): Promise<void> {
  const done = await query(ctx, "select from meta where key = $1", [marker]);
  if (done.length > 0) return;
  for (let after = beforeAll; ; ) {
    if (!goesOn()) return;
    const tasks = await query<{ id: string }>(ctx, tasksSql, [after]);
    const ids = tasks.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) break;
    await transact<void>(ctx, {
      rooms: [],
      work: (tx) => planTasks(tx, ids, fromNow),
      replay: () => {},
    });
    after = last;
  }
  await query(ctx, "insert into meta (key, value) values ($1, 'true') on conflict do nothing", [marker]);
}
