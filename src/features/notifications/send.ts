/** What an administrator or a host application tells people: some of them, or everybody. */
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { query } from "../../db/query.ts";
import { endIn, enqueue, type Job } from "../../jobs/queue.ts";
import type { Broadcast, SendNotification, SentNotification } from "../../protocol/sending.ts";
import { systemCtx } from "../../realtime/log.ts";
import { type Notice, notify } from "./notify.ts";
import { type Available, loadSettings } from "./settings.ts";

/** Tells the people named; those who do not exist or are disabled are listed, and the rest is told. */
export async function sendNotification(
  caller: Ctx,
  available: Available,
  input: SendNotification,
): Promise<SentNotification> {
  const ctx = withMutation(caller, "notification_send", input);
  const wanted = [...new Set(input.user_ids ?? (input.user_id ? [input.user_id] : []))];
  const settings = await loadSettings(ctx.store.database, available, wanted);
  const userIds = wanted.filter((id) => settings.has(id)).sort();
  const answer = { sent: userIds.length, unknown_user_ids: wanted.filter((id) => !settings.has(id)) };
  const outcome = await transact<SentNotification>(ctx, {
    rooms: userIds,
    async work(tx) {
      const notices = userIds.map(
        (userId): Notice => ({
          userId,
          type: input.type,
          category: input.category ?? "messages",
          message: input.message,
          data: input.data ?? {},
        }),
      );
      await notify(tx, notices, settings);
      return answer;
    },
    // Some of them may have been disabled since: the answer is of those who were told then.
    replay: (events) => ({ ...answer, sent: events.length }),
  });
  return outcome.answer;
}

/** Kind of the job that tells everybody, some at a time. */
export const broadcastKind = "broadcast";
const peopleAtOnce = 1_000;

interface BroadcastWork {
  readonly type: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The last person who was told. */
  readonly after: string;
}

/** Everybody's inbox gets it, by a job. Answers how many people that is. */
export async function startBroadcast(caller: Ctx, input: Broadcast): Promise<{ sent: number }> {
  const ctx = withMutation(caller, "notification_broadcast", input);
  const [row] = await query<{ people: number }>(
    ctx,
    "select count(*)::int as people from users where disabled_at is null",
    [],
  );
  const { answer } = await transact<{ sent: number }>(ctx, {
    rooms: [],
    async work(tx) {
      const work: BroadcastWork = { type: input.type, message: input.message, data: input.data ?? {}, after: nobody };
      await enqueue(tx.orm, [{ kind: broadcastKind, payload: work, priority: 2 }]);
      return { sent: row?.people ?? 0 };
    },
    replay: () => ({ sent: row?.people ?? 0 }),
  });
  return answer;
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** One step of a broadcast: its people are told, and the next step asked for, as this one ends: once, whatever crashes. */
export async function broadcastOn(
  ctx: Pick<Ctx, "store">,
  available: Available,
  owner: string,
  job: Job,
): Promise<void> {
  const { type, message, data, after } = job.payload as BroadcastWork; // written by startBroadcast
  const system = systemCtx(ctx, `job-${job.id}`);
  const rows = await query<{ id: string }>(
    system,
    "select id from users where id > $1::uuid and disabled_at is null order by id limit $2::int",
    [after, peopleAtOnce],
  );
  const userIds = rows.map(({ id }) => id);
  const last = userIds.at(-1);
  const settings = await loadSettings(ctx.store.database, available, userIds);
  await transact<void>(system, {
    rooms: userIds,
    replay: () => {},
    async work(tx: Tx) {
      await endIn(tx.orm, owner, job);
      const notices = userIds.map((userId): Notice => ({ userId, type, category: "messages", message, data }));
      await notify(tx, notices, settings);
      if (last === undefined || rows.length < peopleAtOnce) return;
      await enqueue(tx.orm, [{ kind: broadcastKind, payload: { type, message, data, after: last }, priority: 2 }]);
    },
  });
}
