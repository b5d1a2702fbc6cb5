/** What runs besides requests: readers of the log, reminders, and the jobs that they and the requests ask for. */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Part } from "../../core/lifecycle.ts";
import type { Log } from "../../core/log.ts";
import type { CommittedEvent, Store } from "../../db/context.ts";
import { createJobLoop } from "../../jobs/loop.ts";
import { createProcessor } from "../../jobs/processor.ts";
import { mailJobs } from "../mail/jobs.ts";
import { createMailer, type Mailer } from "../mail/mailer.ts";
import { createLinks, type Links } from "../mail/unsubscribe.ts";
import { notifications } from "../notifications/from-events.ts";
import { notificationJobs } from "../notifications/jobs.ts";
import type { PreferenceDeps } from "../notifications/preferences.ts";
import { type PushDeps, pushJobs } from "../push/jobs.ts";
import { createVapid } from "../push/vapid.ts";
import { reminderPlanning } from "../reminders/from-events.ts";
import { createReminderLoop } from "../reminders/loop.ts";
import { planPerson } from "../reminders/plan.ts";

export interface Background {
  /** What the verbs that tell people something need. */
  readonly notifier: PreferenceDeps;
  readonly links: Links;
  readonly browsers: Pick<PushDeps, "vapid" | "anywhere">;
  committed(events: readonly CommittedEvent[]): void;
  /** Another node wrote to this room. */
  woken(roomId: string): void;
  /** News of other nodes may have been lost. */
  recovered(): void;
  /** In the order in which they are started. */
  readonly parts: readonly Part[];
}

export interface BackgroundOptions {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs the links of mails. */
  readonly linkKey: Uint8Array;
  /** Where people reach the server. Asked once it listens. */
  readonly origin: () => string;
}

/** Jobs that are not done by then are given back; the rest of the stop needs the rest of its time. */
const drainMs = 2_000;

export function createBackground({ config, store, clock, log, linkKey, origin }: BackgroundOptions): Background {
  const mailer = mailerOf(config, log);
  const available = { mail: mailer !== undefined, push: true };
  const browsers = { vapid: createVapid(store, config, clock.now), anywhere: config.mode === "test" };
  const links = createLinks(linkKey, origin);
  const wake = (): void => jobs.wake();
  const notifier = { available, wake, chosen: planPerson };
  const jobs = createJobLoop({
    database: store.database,
    clock,
    log,
    kinds: [
      ...notificationJobs({ store, notifier }),
      ...pushJobs({ store, available, ...browsers }),
      ...(mailer ? mailJobs({ store, available, mailer, writer: { links, origin } }) : []),
    ],
  });
  const processors = [
    createProcessor({ kind: notifications(store, available, wake), store, clock, log }),
    createProcessor({ kind: reminderPlanning, store, clock, log }),
  ];
  const tickMs = config.reminderTickSeconds * 1_000;
  const reminders = createReminderLoop({ store, clock, log, available, tickMs, wake });
  return {
    notifier,
    committed(events) {
      for (const processor of processors) processor.committed(events);
    },
    woken(roomId) {
      for (const processor of processors) processor.woken(roomId);
    },
    links,
    browsers,
    recovered() {
      for (const processor of processors) processor.recovered();
    },
    parts: [
      { name: "mail", stop: () => mailer?.close() },
      {
        name: "jobs",
        start: () => jobs.start(),
        stop: (deadline) => jobs.stop(AbortSignal.any([deadline, AbortSignal.timeout(drainMs)])),
      },
      {
        name: "processors",
        start() {
          for (const processor of processors) processor.start();
        },
        async stop() {
          await Promise.all(processors.map((processor) => processor.stop()));
        },
      },
      { name: "reminders", start: () => reminders.start(), stop: () => reminders.stop() },
    ],
  };
}

const mailerOf = ({ smtpUrl, mailFrom }: Config, log: Log): Mailer | undefined =>
  smtpUrl === undefined || mailFrom === undefined ? undefined : createMailer({ smtpUrl, from: mailFrom, log });
