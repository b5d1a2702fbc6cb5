/** Mail as jobs: one occasion each, or what waits for a person's digest. */
import type { Meter } from "../../core/meter.ts";
import { type Store, transact } from "../../db/context.ts";
import { query, queryIn } from "../../db/query.ts";
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
  readWaiting,
  settle,
  settleIn,
} from "../notifications/deliveries.ts";
import { digestJob, type LeavingJob } from "../notifications/notify.ts";
import type { Available } from "../notifications/settings.ts";
import { type Letter, type Writer, writeLetter } from "./compose.ts";
import type { Mailer } from "./mailer.ts";

export interface MailDeps {
  readonly store: Store;
  readonly meter: Meter;
  readonly available: Available;
  readonly mailer: Mailer;
  readonly writer: Writer;
}

/** About half a day of a mail server that is down. */
const patience = { attemptsMax: 20, backoff: { firstMs: 30_000, maxMs: 3_600_000 } } as const;
/** Entries of one letter; the inbox holds the rest. */
const shownMax = 50;

export const mailJobs = (deps: MailDeps): JobKind[] => [
  { name: "mail", concurrency: 4, ...patience, run: (job, context) => sendOccasion(deps, job, context) },
  { name: "digest", concurrency: 2, ...patience, run: (job, context) => sendDigest(deps, job, context) },
];

async function sendOccasion(deps: MailDeps, job: Job, { owner, last }: JobContext): Promise<void> {
  const { store, available } = deps;
  const { notification_ids, trial = false } = job.payload as LeavingJob; // written by notify
  const outgoing = await readNamed(store, notification_ids, "mail", available);
  const wanted = outgoing.filter((one) => isWanted(one, "mail", trial));
  await settle(deps, without(outgoing, wanted), "mail", "skipped");
  const [first] = wanted;
  if (!first) return;
  const quiet = trial ? undefined : quietUntil(first);
  if (quiet !== undefined) return postpone({ store }, owner, job, quiet);
  // The same for every attempt, whatever was read in between.
  const id = notification_ids[0] ?? first.entry.id;
  await send(deps, wanted, { id, digest: false, last });
  await settle(deps, wanted, "mail", "sent");
}

async function sendDigest(deps: MailDeps, job: Job, { owner, last }: JobContext): Promise<void> {
  const { store, available, meter } = deps;
  const { user_id: userId, refused_ids = [] } = job.payload as DigestWork; // written by notify, and below
  const waiting = await readWaiting(store, userId, "mail", available);
  const refused = await readNamed(store, refused_ids, "mail", available);
  const outgoing = [...waiting, ...refused.filter(({ entry }) => !waiting.some((one) => one.entry.id === entry.id))];
  const wanted = outgoing.filter((one) => isWanted(one, "mail", false));
  const unwanted = without(outgoing, wanted);
  const [first] = wanted;
  const quiet = first && quietUntil(first);
  if (quiet !== undefined) return postpone({ store }, owner, job, quiet);
  const digest = { id: `digest.${job.id}`, digest: true, last };
  if (first) await send(deps, wanted, digest, () => keepRefused(store, job, wanted));
  // What came meanwhile found this job there and asked for no other; those who tell hold the person's room.
  await transact<void>(systemCtx({ store }, `job-${job.id}`), {
    rooms: [userId],
    replay: () => {},
    async work(tx) {
      await endIn(tx.orm, owner, job);
      await settleIn(tx, wanted, "mail", "sent");
      await settleIn(tx, unwanted, "mail", "skipped");
      const left = await queryIn(tx.orm, leftSql, [userId]);
      const any = first ?? outgoing[0];
      if (left.length > 0 && any) await enqueue(tx.orm, [digestJob(userId, any.settings, any.nowMs)]);
    },
  });
  count(meter, "mail", "sent", wanted.length);
  count(meter, "mail", "skipped", unwanted.length);
}

interface DigestWork {
  readonly user_id: string;
  /** What the mail server refused for good, for whoever tries this job again: no other digest takes it along. */
  readonly refused_ids?: readonly string[];
}

async function keepRefused(store: Store, { id, payload }: Job, wanted: readonly Outgoing[]): Promise<void> {
  const { user_id } = payload as DigestWork; // as above
  const work: DigestWork = { user_id, refused_ids: wanted.map(({ entry }) => entry.id) };
  const ctx = systemCtx({ store }, `job-${id}`);
  await query(ctx, "update jobs set payload = $2 where id = $1::uuid", [id, JSON.stringify(work)]);
}

const leftSql = "select from deliveries where user_id = $1::uuid and channel = 'mail' and state = 'waiting' limit 1";

const without = (all: readonly Outgoing[], some: readonly Outgoing[]): Outgoing[] =>
  all.filter((one) => !some.includes(one));

/** Throws what the mailer throws; what is hopeless, or was tried the `last` time, is noted as dead. */
async function send(
  deps: MailDeps,
  wanted: readonly Outgoing[],
  { id, digest, last }: Pick<Letter, "id" | "digest"> & Pick<JobContext, "last">,
  beforeDead: () => Promise<void> = async () => {},
): Promise<void> {
  const { mailer, writer, meter } = deps;
  const [first] = wanted;
  if (!first) return;
  const { userId, name, email: address } = first;
  const entries = wanted.slice(0, shownMax).map(({ entry }) => entry);
  const letter = writeLetter({ userId, entries, more: wanted.length - entries.length, digest, id }, writer);
  try {
    await mailer.send({ ...letter, to: { name, address } });
  } catch (error) {
    if (last || error instanceof Hopeless) {
      await beforeDead();
      await settle(deps, wanted, "mail", "dead");
    } else count(meter, "mail", "failed", wanted.length);
    throw error;
  }
}
