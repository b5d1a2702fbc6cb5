/** Reminders a person asks for on a task: a private matter that makes no event. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import { query, queryIn } from "../../db/query.ts";
import { reminderJson } from "../../db/row-json.ts";
import { AppError } from "../../protocol/errors.ts";
import { type CreateReminder, type Reminder, remindersMax } from "../../protocol/reminders.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { getTask, noTask } from "../tasks/submit.ts";
import { planTaskOf } from "./plan.ts";

/** A person's on a task, each with the row that waits for it, where there is one. */
const readSql = `
  select x.offset_minutes, ${reminderJson("x")} as body from (
    select x.*, r.remind_at from task_reminders x join tasks t on t.id = x.task_id
      left join reminders r on r.task_id = x.task_id and r.user_id = x.user_id and r.due_at = t.due_at
        and r.kind = case x.offset_minutes when 0 then 'due' else 'upcoming' end
        and r.offset_minutes = x.offset_minutes and r.fired_at is null
    where x.task_id = $1::uuid and x.user_id = $2::uuid) x`;

interface ReadRow {
  readonly offset_minutes: number;
  readonly body: string;
}

const Cursor = z.tuple([z.int()]);

/** The caller's, those furthest ahead first. Throws `not_found`. */
export async function listReminders(
  ctx: LiveCtx,
  taskId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<RawJson> {
  const [below] = decodeCursor(Cursor, cursor) ?? [undefined];
  const rows = await query<ReadRow>(
    ctx,
    `${readSql} where $3::int is null or x.offset_minutes < $3 order by x.offset_minutes desc limit $4::int`,
    [taskId, ctx.actor.id, below, limit + 1],
  );
  await getTask(ctx, taskId); // after the read: whoever may see the task now may see what was there a moment ago
  const items = rows.slice(0, limit);
  const next = rows.length > items.length ? encodeCursor([items.at(-1)?.offset_minutes]) : null;
  return page(
    items.map(({ body }) => body),
    next,
  );
}

/** The lock on the task waits for its deletion, that on the membership for another request of the same person. */
const memberSql = `
  select (select count(*)::int from task_reminders x
    where x.task_id = t.id and x.user_id = m.user_id and x.offset_minutes <> $3::int) as others
  from tasks t join projects p on p.id = t.project_id and p.deleted_at is null
    join members m on m.project_id = t.project_id and m.user_id = $2::uuid
  where t.id = $1::uuid for key share of t for update of m`;

const addSql = `insert into task_reminders (id, task_id, user_id, offset_minutes)
  values ($4::uuid, $1::uuid, $2::uuid, $3::int) on conflict do nothing`;

/** Takes a member of any role. Throws `not_found`, `conflict` where there are too many. */
export async function createReminder(caller: LiveCtx, taskId: string, input: CreateReminder): Promise<Reminder> {
  const ctx = withMutation(caller, "reminder_create", { task_id: taskId, ...input });
  const { answer } = await transact<Reminder>(ctx, {
    rooms: [],
    async work(tx) {
      const values = [taskId, ctx.actor.id, input.offset_minutes];
      const [member] = await queryIn<{ others: number }>(tx.orm, memberSql, values);
      if (!member) throw noTask();
      if (member.others >= remindersMax)
        throw new AppError("conflict", `at most ${remindersMax} reminders can be asked for on a task`);
      await queryIn(tx.orm, addSql, [...values, Bun.randomUUIDv7()]);
      await planTaskOf(tx, taskId, ctx.actor.id);
      return read(tx, taskId, ctx.actor.id, input.offset_minutes);
    },
    replay: neverTold,
  });
  return answer;
}

async function read(tx: Tx, taskId: string, userId: string, offsetMinutes: number): Promise<Reminder> {
  const [row] = await queryIn<ReadRow>(tx.orm, `${readSql} where x.offset_minutes = $3::int`, [
    taskId,
    userId,
    offsetMinutes,
  ]);
  if (!row) throw noTask();
  return JSON.parse(row.body);
}

/** Takes back one of the caller's own; one of the preferences at the same time stays. Throws `not_found`. */
export async function deleteReminder(
  caller: LiveCtx,
  id: string,
  input: { mutation_id?: string | undefined },
): Promise<void> {
  const ctx = withMutation(caller, "reminder_delete", { id, ...input });
  await transact<null>(ctx, {
    rooms: [],
    async work(tx) {
      const [gone] = await queryIn<{ task_id: string }>(
        tx.orm,
        "delete from task_reminders where id = $1::uuid and user_id = $2::uuid returning task_id",
        [id, ctx.actor.id],
      );
      if (!gone) throw new AppError("not_found", "you asked for no such reminder");
      await planTaskOf(tx, gone.task_id, ctx.actor.id);
      return null;
    },
    replay: neverTold,
  });
}

const neverTold = (): never => {
  throw new Error("a reminder that is asked for makes no event");
};
