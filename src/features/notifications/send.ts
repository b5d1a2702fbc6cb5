/** What an administrator or a host application tells people: some of them, or everybody. */
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { query } from "../../db/query.ts";
import { endIn, enqueue, type Job } from "../../jobs/queue.ts";
import type { MutationBody } from "../../protocol/endpoint.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Notification } from "../../protocol/notifications.ts";
import type { Broadcast, SendNotification, SentBroadcast, SentNotification } from "../../protocol/sending.ts";
import { systemCtx } from "../../realtime/log.ts";
import { type Notice, notify } from "./notify.ts";
import { type Available, loadSettings } from "./settings.ts";

/** What every verb that tells people needs. */
export interface Notifier {
  readonly available: Available;
  /** Jobs may have been asked for: to be called after the commit. */
  readonly wake: () => void;
}

/** Everybody's copy is written in one transaction, whose size this bounds. */
const copiesMaxBytes = 32 * 1024 * 1024;

function requireSize({ message, data = {} }: SendNotification, people: number): void {
  if (people * (message.length + JSON.stringify(data).length) <= copiesMaxBytes) return;
  throw new AppError("too_large", "that much cannot be sent to so many at once; send it to fewer at a time, or less");
}

/**
 * Tells the people named; those who do not exist or are disabled are listed, and the rest is told. Throws `too_large`.
 */
export async function sendNotification(
  caller: Ctx,
  { available, wake }: Notifier,
  input: SendNotification,
): Promise<SentNotification> {
  const ctx = withMutation(caller, "notification_send", input);
  const wanted = [...new Set(input.user_ids ?? (input.user_id ? [input.user_id] : []))];
  requireSize(input, wanted.length);
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
    // Of those who are there now: somebody may have been disabled since.
    replay: () => answer,
  });
  wake();
  return outcome.answer;
}

interface Trial {
  readonly notification: Notification;
  readonly mail: boolean;
  readonly push: boolean;
}

/** By every channel that there is, at once, whatever the person chose. Throws `not_found`. */
export async function sendTrial(
  caller: Ctx,
  { available, wake }: Notifier,
  userId: string,
  input: MutationBody,
): Promise<Trial> {
  const ctx = withMutation(caller, "notification_test", { ...input, user_id: userId });
  const settings = await loadSettings(ctx.store.database, available, [userId]);
  const possible = settings.get(userId)?.possible;
  if (!possible) throw new AppError("not_found", "there is no such person, or the account is disabled");
  const message = `${ctx.actor.name} sent this to see whether notifications reach you`;
  const notice: Notice = { userId, type: "test", category: "messages", message, data: {}, trial: true };
  const { answer } = await transact<Notification>(ctx, {
    rooms: [userId],
    async work(tx) {
      const [told] = await notify(tx, [notice], settings);
      if (!told) throw new Error("a trial was told to nobody");
      return told.notification;
    },
    replay: (events): Notification => JSON.parse(events[0]?.data ?? "{}").notification,
  });
  wake();
  return { notification: answer, mail: possible.mail, push: possible.push };
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
export async function startBroadcast(caller: Ctx, { wake }: Notifier, input: Broadcast): Promise<SentBroadcast> {
  const ctx = withMutation(caller, "notification_broadcast", input);
  const [row] = await query<{ people: number }>(
    ctx,
    "select count(*)::int as people from users where disabled_at is null",
    [],
  );
  const { answer } = await transact<SentBroadcast>(ctx, {
    rooms: [],
    async work(tx) {
      const work: BroadcastWork = { type: input.type, message: input.message, data: input.data ?? {}, after: nobody };
      await enqueue(tx.orm, [{ kind: broadcastKind, payload: work, priority: 2 }]);
      return { sent: row?.people ?? 0 };
    },
    replay: () => {
      throw new Error("asking for a broadcast makes no event");
    },
  });
  wake();
  return answer;
}

const nobody = "00000000-0000-0000-0000-000000000000";

/** One step of a broadcast: its people are told, and the next step asked for, as this one ends: once, whatever crashes. */
export async function broadcastOn(
  ctx: Pick<Ctx, "store">,
  { available, wake }: Notifier,
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
  wake();
}
