/** What was snoozed comes back: a job for each entry, which is moved when it is snoozed again. */
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { notificationJson } from "../../db/row-json.ts";
import { cancel, endIn, enqueue, type Job } from "../../jobs/queue.ts";
import { emit, systemCtx } from "../../realtime/log.ts";

export const unsnoozeKind = "unsnooze";

interface Snoozed {
  readonly id: string;
  readonly userId: string;
  /** RFC 3339. */
  readonly until: string;
}

/** The person's room is locked by the caller. */
export async function unsnoozeAt(tx: Tx, { id, userId, until }: Snoozed): Promise<void> {
  await cancel(tx.orm, unsnoozeKind, id);
  await enqueue(tx.orm, [{ kind: unsnoozeKind, key: id, payload: { id, user_id: userId }, runAt: until }]);
}

const backSql = `
  update notifications n set snoozed_until = null, updated_at = now()
  where n.id = $1::uuid and n.snoozed_until <= now() and n.archived_at is null and n.read_at is null
  returning ${notificationJson("n")} as body`;

/** Brings one entry back, unread, as the latest of the inbox, and ends the job with it: once, whatever crashes. */
export async function unsnooze(ctx: Pick<Ctx, "store">, owner: string, job: Job): Promise<void> {
  const { id, user_id: userId } = job.payload as { id: string; user_id: string }; // written by unsnoozeAt
  await transact<void>(systemCtx(ctx, `job-${job.id}`), {
    rooms: [userId],
    replay: () => {},
    async work(tx) {
      await endIn(tx.orm, owner, job);
      const [row] = await queryIn<{ body: string }>(tx.orm, backSql, [id]);
      if (row) emit(tx, "notification", userId, { notification: JSON.parse(row.body) });
    },
  });
}
