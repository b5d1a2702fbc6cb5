/** Figures of the running server, for its operators. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { Id } from "./ids.ts";

const Count = z.int().nonnegative();

/** Of the one server that answers; counts since it started. */
export const ConnectionMetrics = z.object({
  started_at: z.string(),
  /** Open now, also those that have not authenticated. */
  total: Count,
  /** People with at least one connection. */
  people: Count,
  /** Projects that at least one connection joined. */
  projects_total: Count,
  /** Most connections first, at most 1,000. */
  projects: z.array(z.object({ project_id: Id, connections: Count })),
  opened: Count,
  /** By close code; `other` for codes a client made up. */
  closed: z.array(z.object({ code: z.string(), count: Count })),
  /** How long closed connections were open. */
  durations: z.object({
    count: Count,
    mean_seconds: z.number().nullable(),
    /** Those of at most so many seconds and above the bound before; null: longer than all bounds. */
    buckets: z.array(z.object({ up_to_seconds: z.number().nullable(), count: Count })),
  }),
  /** Connections that took up a position they had from an earlier one. */
  reconnects: Count,
  /** `fresh`: without a position. `recovered`: with every missed event. `unrecovered`: the client had to start over. */
  joins: z.object({ fresh: Count, recovered: Count, unrecovered: Count }),
  events_replayed: Count,
});
export type ConnectionMetrics = z.infer<typeof ConnectionMetrics>;

export const metricsEndpoints = {
  readConnectionMetrics: defineEndpoint({
    method: "GET",
    path: "/api/metrics/connections",
    tag: "operations",
    summary: "Live connections: how many, where, how long, how often they came back",
    description: "Takes an administrator. With several servers, the figures of the one asked, since it started.",
    who: "administrator",
    answer: ConnectionMetrics,
    errors: ["forbidden"],
  }),
  readMetrics: defineEndpoint({
    method: "GET",
    path: "/metrics",
    tag: "operations",
    summary: "Figures for Prometheus",
    description:
      "Takes METRICS_TOKEN as a bearer token. Where none is configured, only programs of the same machine are answered.",
    who: "anyone",
    answer: z.string(),
    media: "text/plain",
    errors: ["forbidden"],
  }),
};
