/** What runs besides requests, and what requests need of it. */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Role } from "../../core/config-values.ts";
import type { Part } from "../../core/lifecycle.ts";
import type { Log } from "../../core/log.ts";
import type { Meter } from "../../core/meter.ts";
import type { CommittedEvent, Store } from "../../db/context.ts";
import { createTurns, type Others } from "../../jobs/turns.ts";
import { mailJobs } from "../mail/jobs.ts";
import { createMailer, type Mailer } from "../mail/mailer.ts";
import { createLinks, type Links } from "../mail/unsubscribe.ts";
import { countTold } from "../notifications/deliveries.ts";
import { notificationJobs } from "../notifications/jobs.ts";
import type { PreferenceDeps } from "../notifications/preferences.ts";
import { type PushDeps, pushJobs } from "../push/jobs.ts";
import { createVapid } from "../push/vapid.ts";
import { planPerson } from "../reminders/plan.ts";
import { createJobsWatch } from "./jobs-watch.ts";
import { createRunner, noRunner, type Pace, type Runner } from "./runner.ts";

export interface Background extends Pick<Runner, "grown" | "recovered" | "kinds"> {
  committed(events: readonly CommittedEvent[]): void;
  /** What the verbs that tell people something need. */
  readonly notifier: PreferenceDeps;
  readonly links: Links;
  readonly browsers: Pick<PushDeps, "vapid" | "anywhere">;
  /** In the order in which they are started. */
  readonly parts: readonly Part[];
}

export interface BackgroundOptions {
  readonly config: Config;
  /** Without `jobs` nothing runs here: what requests ask for waits for another process. */
  readonly roles: readonly Role[];
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Signs the links of mails. */
  readonly linkKey: Uint8Array;
  /** Where people reach the server. Asked once it listens. */
  readonly origin: () => string;
  readonly pace?: Pace | undefined;
  /** The other servers, which run the jobs where this one does not. */
  readonly others: Others;
}

export function createBackground(options: BackgroundOptions): Background {
  const { config, roles, store, clock, log, meter, linkKey, origin, pace } = options;
  const mailer = mailerOf(config, log);
  if (!roles.includes("web")) adviseApart(config, log);
  const available = { mail: mailer !== undefined, push: true };
  const browsers = { vapid: createVapid(store, config, clock.now), anywhere: config.mode === "test" };
  const links = createLinks(linkKey, origin);
  const notifier = (wake: () => void): PreferenceDeps => ({ available, wake, chosen: planPerson });
  const runner = !roles.includes("jobs")
    ? noRunner
    : createRunner({
        ...{ store, clock, log, meter, available },
        kinds: (wake) => [
          ...notificationJobs({ store, notifier: notifier(wake) }),
          ...pushJobs({ store, meter, available, ...browsers }),
          ...(mailer ? mailJobs({ store, meter, available, mailer, writer: { links, origin } }) : []),
        ],
        reminderTickMs: config.reminderTickSeconds * 1_000,
        retention: {
          retentionDays: config.eventRetentionDays,
          notificationRetentionDays: config.notificationRetentionDays,
        },
        first: createTurns(options.others),
        pace,
      });
  return {
    notifier: notifier(runner.wake),
    links,
    browsers,
    committed: (events) => countTold(meter, events),
    grown: runner.grown,
    recovered: runner.recovered,
    kinds: runner.kinds,
    parts: [
      { name: "mail", stop: () => mailer?.close() },
      ...(roles.includes("jobs") ? runner.parts : [createJobsWatch({ ...options.others, clock, log })]),
    ],
  };
}

const mailerOf = ({ smtpUrl, mailFrom }: Config, log: Log): Mailer | undefined =>
  smtpUrl === undefined || mailFrom === undefined ? undefined : createMailer({ smtpUrl, from: mailFrom, log });

/** What mails hold must lead to the processes that answer. */
function adviseApart({ smtpUrl, publicUrl, authSecret }: Config, log: Log): void {
  if (smtpUrl === undefined) return;
  if (publicUrl === undefined) log.warn({}, "links in mails lead to this process, which has no page; set PUBLIC_URL");
  if (authSecret === undefined) log.warn({}, "links in mails are signed by this process alone; set AUTH_SECRET");
}
