/** Work that outlives its request, for administrators: what waits, what failed for good. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";

/** `running`: on some server just now. `dead`: failed for good, and kept to be looked at. */
export const JobState = z.enum(["waiting", "running", "dead"]);
export type JobState = z.infer<typeof JobState>;

export const Job = z
  .object({
    id: z.string(),
    /** `mail`, `digest`, `push`, `broadcast`, `unsnooze`, … */
    kind: z.string(),
    /** Of a kind and key one job waits or runs at a time. */
    key: z.string().nullable(),
    state: JobState,
    /** What it is about, in the words of its kind. */
    payload: z.record(z.string(), z.unknown()),
    /** Attempts so far. */
    attempts: z.int(),
    /** When it is tried next, or, running, taken over if its server is gone. */
    due_at: z.string(),
    last_error: z.string().nullable(),
    created_at: z.string(),
    dead_at: z.string().nullable(),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobKindName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9_-]+$/, "is a kind such as mail");

const jobs = { tag: "operations", who: "administrator" } as const;

export const jobEndpoints = {
  listJobs: defineEndpoint({
    ...jobs,
    method: "GET",
    path: "/api/jobs",
    summary: "Jobs that wait, run, or failed for good",
    description:
      "Takes an administrator. `state` (default `dead`): those that failed, the latest first; others in the order in which they were made. `kind`: only these.",
    query: z.strictObject({ ...listQuery, state: JobState.default("dead"), kind: JobKindName.optional() }),
    answer: Page(Job),
    errors: ["forbidden"],
  }),
  retryJob: defineEndpoint({
    ...jobs,
    method: "POST",
    path: "/api/jobs/:id/retry",
    summary: "Try a job again, now",
    description:
      "Takes an administrator. One that failed begins anew, with all of its attempts; one that waits is tried at once. `conflict`: it runs, or another of its kind and key waits.",
    answer: Job,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  cancelJob: defineEndpoint({
    ...jobs,
    method: "POST",
    path: "/api/jobs/:id/cancel",
    summary: "Take a job away",
    description: "Takes an administrator. What one that runs has done already, stays done.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
