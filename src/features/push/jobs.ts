/** Pushing as jobs: one finds a person's browsers, and one for each of them pushes, so that none waits for another. */
import type { Meter } from "../../core/meter.ts";
import { type Store, transact } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { Hopeless, type JobContext, type JobKind } from "../../jobs/loop.ts";
import { endIn, enqueue, type Job } from "../../jobs/queue.ts";
import { systemCtx } from "../../realtime/log.ts";
import {
  count,
  isWanted,
  type Outgoing,
  postpone,
  quietUntil,
  readNamed,
  settle,
  settleIn,
} from "../notifications/deliveries.ts";
import type { LeavingJob } from "../notifications/notify.ts";
import type { Available } from "../notifications/settings.ts";
import { deliver, PrivateAddress } from "./deliver.ts";
import { encrypt } from "./encrypt.ts";
import type { Vapid } from "./vapid.ts";

export interface PushDeps {
  readonly store: Store;
  readonly meter: Meter;
  readonly available: Available;
  readonly vapid: () => Promise<Vapid>;
  /** Endpoints of private networks, too: for tests. */
  readonly anywhere: boolean;
}

export interface PushJob extends LeavingJob {
  /** Absent: to all of the person's browsers. */
  readonly subscription_id?: string;
}

interface SubscriptionRow {
  readonly id: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** Push services keep what they cannot deliver for so long. */
const ttlSeconds = 24 * 60 * 60;

export const pushJobs = (deps: PushDeps): JobKind[] => [
  {
    name: "push",
    concurrency: 8,
    attemptsMax: 12,
    backoff: { firstMs: 5_000, maxMs: 1_800_000 },
    run: (job, context) => push(deps, job, context),
  },
];

async function push(deps: PushDeps, job: Job, context: JobContext): Promise<void> {
  const { store, available } = deps;
  const payload = job.payload as PushJob; // written by notify, or below
  const trial = payload.trial ?? false;
  const { subscription_id: to } = payload;
  const outgoing = await readNamed(store, payload.notification_ids, "push", available, to !== undefined);
  const wanted = outgoing.filter((one) => isWanted(one, "push", trial));
  const [first] = wanted;
  if (!first) return settle(deps, outgoing, "push", "skipped");
  const quiet = trial ? undefined : quietUntil(first);
  if (quiet !== undefined) return postpone({ store }, context.owner, job, quiet);
  if (to === undefined) await toEach(deps, job, context, { outgoing, wanted });
  else await toOne(deps, to, wanted, context);
}

const subscriptionsSql = "select id, endpoint, p256dh, auth from push_subscriptions where user_id = $1::uuid";

async function toEach(
  { store, meter }: PushDeps,
  job: Job,
  { owner }: JobContext,
  { outgoing, wanted }: { readonly outgoing: readonly Outgoing[]; readonly wanted: readonly Outgoing[] },
): Promise<void> {
  const ctx = systemCtx({ store }, `job-${job.id}`);
  const browsers = await query<SubscriptionRow>(ctx, subscriptionsSql, [wanted[0]?.userId]);
  const payload = job.payload as PushJob;
  const unwanted = outgoing.filter((each) => !wanted.includes(each));
  await transact<void>(ctx, {
    rooms: [],
    replay: () => {},
    async work(tx) {
      await endIn(tx.orm, owner, job);
      const one = (id: string): PushJob => ({ ...payload, subscription_id: id });
      await enqueue(
        tx.orm,
        browsers.map(({ id }) => ({ kind: "push", key: `${job.key} ${id}`, payload: one(id) })),
      );
      await settleIn(tx, wanted, "push", "sent");
      await settleIn(tx, unwanted, "push", "skipped");
    },
  });
  count(meter, "push", "skipped", unwanted.length + (browsers.length === 0 ? wanted.length : 0));
}

const subscriptionSql =
  "select id, endpoint, p256dh, auth from push_subscriptions where id = $1::uuid and user_id = $2::uuid";

async function toOne(
  { store, vapid, anywhere, meter }: PushDeps,
  subscriptionId: string,
  wanted: readonly Outgoing[],
  { signal, last }: JobContext,
): Promise<void> {
  const ctx = systemCtx({ store }, "push");
  const [browser] = await query<SubscriptionRow>(ctx, subscriptionSql, [subscriptionId, wanted[0]?.userId]);
  if (!browser) return;
  const message = write(wanted);
  const { endpoint, p256dh, auth } = browser;
  const headers = {
    authorization: await (await vapid()).authorization(endpoint),
    "content-encoding": "aes128gcm",
    "content-type": "application/octet-stream",
    ttl: ttlSeconds,
    urgency: message.urgent ? "high" : "normal",
    topic: message.topic,
  };
  const body = encrypt(JSON.stringify(message.payload), { p256dh, auth });
  const told = (outcome: "sent" | "gone" | "dead" | "failed"): void => count(meter, "push", outcome, wanted.length);
  const status = await deliver({ endpoint, headers, body }, anywhere, signal).catch((error: unknown) => {
    const hopeless = error instanceof PrivateAddress;
    told(hopeless || last ? "dead" : "failed");
    throw hopeless ? new Hopeless(error.message) : error;
  });
  if (status >= 200 && status < 300) return told("sent");
  // The browser has unsubscribed, or is no more (RFC 8030, 7.3).
  if (status === 404 || status === 410) {
    await query(ctx, "delete from push_subscriptions where id = $1::uuid", [browser.id]);
    return told("gone");
  }
  const said = `the push service answered ${status}`;
  const hopeless = status >= 400 && status < 500 && status !== 408 && status !== 429;
  told(hopeless || last ? "dead" : "failed");
  throw hopeless ? new Hopeless(said) : new Error(said);
}

const bodyMax = 500;

/** What the page's service worker shows. `tag`: a later one of the same tag takes its place, and so does a second copy. */
function write(wanted: readonly Outgoing[]) {
  const [first] = wanted;
  if (!first) throw new Error("a push says something");
  const { id, message, link, category, data } = first.entry;
  const several = wanted.length > 1;
  const cut = message.length > bodyMax ? `${message.slice(0, bodyMax).replace(/[\ud800-\udbff]$/, "")}…` : message;
  const project =
    typeof data.project_name === "string" ? data.project_name.slice(0, bodyMax).toWellFormed() : "Taskwire";
  return {
    urgent: category === "reminders" || category === "mentioned",
    /** At most 32 characters of base64url: a UUID without its dashes. */
    topic: id.replaceAll("-", ""),
    payload: {
      notification_id: id,
      title: several ? `${wanted.length} notifications` : project,
      body: cut,
      url: several ? "/inbox" : (link ?? "/inbox"),
      tag: id,
    },
  };
}
