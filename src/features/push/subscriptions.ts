/** A person's browsers that can be pushed to. */
import { createECDH } from "node:crypto";
import { isPrivateLiteral } from "../../core/public-address.ts";
import { type Ctx, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { query, queryIn } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { AppError, invalid } from "../../protocol/errors.ts";
import {
  type CreatePushSubscription,
  type DeletePushSubscription,
  type PushSubscription,
  pushSubscriptionsMax,
} from "../../protocol/push.ts";

const columns = `s.id, s.endpoint, s.user_agent, ${isoText("s.created_at")} as created_at`;

/** The latest first. */
export const listSubscriptions = (ctx: Ctx): Promise<PushSubscription[]> =>
  query<PushSubscription>(
    ctx,
    `select ${columns} from push_subscriptions s where s.user_id = $1::uuid order by s.created_at desc, s.id desc`,
    [ctx.actor.id],
  );

const upsertSql = `
  insert into push_subscriptions as s (id, user_id, endpoint, p256dh, auth, user_agent, session_id)
  select $1::uuid, $2::uuid, $3, $4, $5, $6, $7::uuid
  where $7::uuid is null or exists (select from sessions where id = $7::uuid)
  on conflict (endpoint) do update set user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
    user_agent = excluded.user_agent, session_id = excluded.session_id
  returning ${columns}`;

const trimSql = `delete from push_subscriptions where id = any(array(
  select id from push_subscriptions where user_id = $1::uuid order by created_at desc, id desc offset $2::int))`;

/**
 * `anywhere`: endpoints without TLS and on this machine's networks are taken too, as tests have them. What is
 * subscribed ends with the caller's session. Throws `invalid`; `unauthenticated` where that has just ended.
 */
export async function subscribe(
  caller: Ctx,
  input: CreatePushSubscription,
  { userAgent, anywhere }: { readonly userAgent: string | null; readonly anywhere: boolean },
): Promise<PushSubscription> {
  if (!anywhere) requirePublic(input.endpoint);
  requirePoint(input.keys.p256dh);
  const ctx = withMutation(caller, "push_subscribe", input);
  const { endpoint, keys } = input;
  const sessionId = ctx.actor.key ? null : ctx.actor.sessionId;
  const { answer } = await transact<PushSubscription>(ctx, {
    rooms: [ctx.actor.id],
    async work(tx: Tx) {
      const values = [Bun.randomUUIDv7(), ctx.actor.id, endpoint, keys.p256dh, keys.auth, userAgent, sessionId];
      const [row] = await queryIn<PushSubscription>(tx.orm, upsertSql, values);
      await queryIn(tx.orm, trimSql, [ctx.actor.id, pushSubscriptionsMax]);
      if (!row) throw new AppError("unauthenticated", "this session has ended: sign in again");
      return row;
    },
    replay: () => {
      throw new Error("subscribing makes no event");
    },
  });
  return answer;
}

function requirePublic(endpoint: string): void {
  const { protocol, hostname, username, password } = new URL(endpoint);
  if (protocol !== "https:") throw invalid("endpoint", "is not an https address");
  if (username !== "" || password !== "") throw invalid("endpoint", "holds a user name or password");
  if (isPrivateLiteral(hostname)) throw invalid("endpoint", "is an address of a private network");
}

/** Nothing could be encrypted for what is no point of the curve. */
function requirePoint(p256dh: string): void {
  const curve = createECDH("prime256v1");
  curve.generateKeys();
  try {
    curve.computeSecret(Buffer.from(p256dh, "base64url"));
  } catch {
    throw invalid("keys.p256dh", "is not a public key of P-256");
  }
}

/** One that is not the caller's, or not there, is passed over. */
export async function unsubscribe(caller: Ctx, input: DeletePushSubscription): Promise<void> {
  const ctx = withMutation(caller, "push_unsubscribe", input);
  await transact<null>(ctx, {
    rooms: [],
    async work(tx) {
      const sql = "delete from push_subscriptions where endpoint = $1 and user_id = $2::uuid";
      await queryIn(tx.orm, sql, [input.endpoint, ctx.actor.id]);
      return null;
    },
    replay: () => null,
  });
}
