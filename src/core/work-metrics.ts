/** Metrics of what runs besides requests: jobs, reminders, notifications. */
import type { Tally } from "./meter.ts";
import type { Metric, Sample } from "./metric.ts";

export const workMetrics: readonly Metric[] = [
  {
    name: "taskwire_jobs",
    type: "gauge",
    help: "Jobs in the database, by kind and state; dead: failed for good. The same on every server.",
    labels: ["kind", "state"],
    read: ({ workload }) => (workload?.jobs ?? []).map(({ kind, state, count }) => [count, { kind, state }]),
  },
  {
    name: "taskwire_jobs_lag_seconds",
    type: "gauge",
    help: "How long the job that is due longest waits for somebody to run it, by kind; 0: none waits. The same on every server.",
    labels: ["kind"],
    read: ({ workload }) => (workload?.jobLags ?? []).map(({ kind, seconds }) => [seconds, { kind }]),
  },
  {
    name: "taskwire_job_attempts_total",
    type: "counter",
    help: "Attempts at jobs of this server: done, failed (tried again later), dead (failed for good), lost (cancelled, or taken over by another server).",
    labels: ["kind", "outcome"],
    read: ({ meter }) => pairs(meter.jobAttempts, "kind"),
  },
  {
    name: "taskwire_job_duration_seconds",
    type: "histogram",
    help: "Time one attempt at a job took, by kind.",
    labels: ["kind"],
    read: ({ meter }) => [...meter.jobSeconds].map(([kind, seconds]) => [seconds, { kind }]),
  },
  {
    name: "taskwire_reminder_lateness_seconds",
    type: "histogram",
    help: "From the moment a reminder is for to the moment this server told it, by the database's time.",
    labels: ["kind"],
    read: ({ meter }) => [...meter.reminderSeconds].map(([kind, seconds]) => [seconds, { kind }]),
  },
  {
    name: "taskwire_reminders_lag_seconds",
    type: "gauge",
    help: "How long the reminder that is due longest waits to be told; 0: none waits. The same on every server.",
    read: ({ workload }) => (workload ? [[workload.reminderLag, {}]] : []),
  },
  {
    name: "taskwire_notifications_total",
    type: "counter",
    help: "Notifications of this server by channel. in_app: told; mail and push (for each browser): sent, skipped (read or unwanted meanwhile), failed (tried again later), dead (failed for good), gone (the browser unsubscribed).",
    labels: ["channel", "outcome"],
    read: ({ meter }) => pairs(meter.notifications, "channel"),
  },
];

/** A tally by `name outcome`. */
const pairs = (tally: Tally, label: string): Sample<number>[] =>
  [...tally].map(([names, count]) => {
    const [name = "", outcome = ""] = names.split(" ");
    return [count, { [label]: name, outcome }];
  });
