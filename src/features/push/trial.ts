/** A push to one of the caller's own browsers, to see whether it arrives. */
import { type Ctx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { queryIn } from "../../db/query.ts";
import { enqueue } from "../../jobs/queue.ts";
import type { MutationBody } from "../../protocol/endpoint.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Notification } from "../../protocol/notifications.ts";
import { notify } from "../notifications/notify.ts";
import type { Notifier } from "../notifications/send.ts";
import { loadSettings, type Settings } from "../notifications/settings.ts";
import type { PushJob } from "./jobs.ts";

const ownSql = "select from push_subscriptions where id = $1::uuid and user_id = $2::uuid";
/** To each of its browsers a push is a job of its own, so that it counts as sent once those were asked for. */
const deliverySql = `insert into deliveries (notification_id, channel, user_id, state, sent_at)
  values ($1::uuid, 'push', $2::uuid, 'sent', now())`;

/**
 * Puts an entry into the caller's inbox and pushes it to that browser alone, at once, whatever they chose. Throws
 * `not_found` where it is none of the caller's.
 */
export async function pushTrial(
  caller: Ctx,
  { available, wake }: Notifier,
  subscriptionId: string,
  input: MutationBody,
): Promise<Notification> {
  const ctx = withMutation(caller, "push_test", { ...input, subscription_id: subscriptionId });
  const { id: userId } = ctx.actor;
  const settings = (await loadSettings(ctx.store.database, available, [userId])).get(userId);
  if (!settings) throw new Error("who asks for a trial has an account");
  const message = "This is a test: notifications reach this browser";
  const notice = { userId, type: "test", category: "messages", message, data: {}, trial: true } as const;
  const { answer } = await transact<Notification>(ctx, {
    rooms: [userId],
    async work(tx) {
      const [own] = await queryIn(tx.orm, ownSql, [subscriptionId, userId]);
      if (!own) throw new AppError("not_found", "push is not on in this browser any more; turn it on again");
      const [told] = await notify(tx, [notice], new Map([[userId, inInboxAlone(settings)]]));
      if (!told) throw new Error("a trial was told to nobody");
      const { id } = told.notification;
      await queryIn(tx.orm, deliverySql, [id, userId]);
      const payload: PushJob = { notification_ids: [id], trial: true, subscription_id: subscriptionId };
      await enqueue(tx.orm, [{ kind: "push", key: `${id} ${subscriptionId}`, payload }]);
      return told.notification;
    },
    replay: (events): Notification => JSON.parse(events[0]?.data ?? "{}").notification,
  });
  wake();
  return answer;
}

/** Else the trial would leave by mail and to all browsers too. */
const inInboxAlone = (settings: Settings): Settings => ({
  ...settings,
  possible: { in_app: true, mail: false, push: false },
});
