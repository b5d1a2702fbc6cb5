/** What nobody waits for: readers of the log, reminders, and the jobs that they and the requests ask for. */
import type { Clock } from "../../core/clock.ts";
import type { Part } from "../../core/lifecycle.ts";
import type { Log } from "../../core/log.ts";
import type { Meter } from "../../core/meter.ts";
import type { Store } from "../../db/context.ts";
import { createMaintenance, type MaintenanceOptions } from "../../db/maintenance.ts";
import { createJobLoop, type JobKind } from "../../jobs/loop.ts";
import { createProcessor, type Processor } from "../../jobs/processor.ts";
import { notifications } from "../notifications/from-events.ts";
import type { Available } from "../notifications/settings.ts";
import { reminderPlanning } from "../reminders/from-events.ts";
import { createReminderLoop } from "../reminders/loop.ts";

export interface Runner {
  /** Jobs were committed here. */
  wake(): void;
  /** A project's log grew. */
  readonly grown: Processor["grown"];
  /** News of other nodes may have been lost. */
  recovered(): void;
  /** Of jobs, by their names. */
  readonly kinds: readonly string[];
  /** In the order in which they are started. */
  readonly parts: readonly Part[];
}

export interface RunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly available: Available;
  readonly kinds: (wake: () => void) => readonly JobKind[];
  readonly reminderTickMs: number;
  readonly retention: Pick<MaintenanceOptions, "retentionDays" | "notificationRetentionDays">;
  /** Is it this process that looks at the room's news first? */
  readonly first: (roomId: string) => boolean;
  readonly pace?: Pace | undefined;
}

/** How soon the background looks; absent: as its parts see fit, which is kind to a busy database. Milliseconds. */
export interface Pace {
  readonly gatherMs: number;
  readonly restMs: number;
  readonly jobTickMs: number;
}

/** Jobs that are not done by then are given back; the rest of the stop needs the rest of its time. */
const drainMs = 2_000;

/** Of a process that leaves all this to others. */
export const noRunner: Runner = { wake() {}, grown() {}, recovered() {}, kinds: [], parts: [] };

export function createRunner(options: RunnerOptions): Runner {
  const { store, clock, log, meter, available, reminderTickMs, first, pace } = options;
  const wake = (): void => jobs.wake();
  const kinds = options.kinds(wake);
  const jobs = createJobLoop({ database: store.database, clock, log, meter, kinds, tickMs: pace?.jobTickMs });
  const processors = [notifications(store, available, wake), reminderPlanning].map((kind) =>
    createProcessor({ kind, store, clock, log, first, ...pace }),
  );
  const reminders = createReminderLoop({ store, clock, log, meter, available, tickMs: reminderTickMs, wake });
  const maintenance = createMaintenance({ database: store.database, clock, log, ...options.retention });
  return {
    wake,
    grown(...word) {
      for (const processor of processors) processor.grown(...word);
    },
    recovered() {
      for (const processor of processors) processor.recovered();
    },
    kinds: kinds.map(({ name }) => name),
    parts: [
      { name: "maintenance", start: () => maintenance.start(), stop: () => maintenance.stop() },
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
