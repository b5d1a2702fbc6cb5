/** The inbox's work that outlives its request. */
import type { Store } from "../../db/context.ts";
import type { JobKind } from "../../jobs/loop.ts";
import { broadcastKind, broadcastOn, type Notifier } from "./send.ts";
import { unsnooze, unsnoozeKind } from "./unsnooze.ts";

export interface NotificationJobDeps {
  readonly store: Store;
  readonly notifier: Notifier;
}

const backoff = { firstMs: 1_000, maxMs: 60_000 } as const;

export const notificationJobs = ({ store, notifier }: NotificationJobDeps): JobKind[] => [
  {
    name: broadcastKind,
    concurrency: 1,
    attemptsMax: 20,
    backoff,
    run: (job, { owner }) => broadcastOn({ store }, notifier, owner, job),
  },
  {
    name: unsnoozeKind,
    concurrency: 4,
    attemptsMax: 20,
    backoff,
    run: (job, { owner }) => unsnooze({ store }, owner, job),
  },
];
