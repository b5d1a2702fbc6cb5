/** Figures of the running server, for its operators. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { Id } from "./ids.ts";

const Count = z.int().nonnegative();

/** Of all servers together, but for those that did not answer; counts since each of them started. */
export const ConnectionMetrics = z.object({
  /** The first of them. */
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
  /** Each by itself, the one asked first. Whoever is connected to several counts on each, and once in all. */
  nodes: z.array(
    z.object({
      node_id: z.string(),
      started_at: z.string(),
      total: Count,
      people: Count,
      projects_total: Count,
      opened: Count,
      reconnects: Count,
    }),
  ),
  /** Servers that were there and did not tell their figures within two seconds. */
  unanswered_nodes: z.array(z.string()),
});
export type ConnectionMetrics = z.infer<typeof ConnectionMetrics>;

export const metricsEndpoints = {
  readConnectionMetrics: defineEndpoint({
    method: "GET",
    path: "/api/metrics/connections",
    tag: "operations",
    summary: "Live connections: how many, where, how long, how often they came back",
    description:
      "Takes an administrator. Of all servers, since each started, and of each by itself. GET /metrics tells of the one asked alone.",
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
