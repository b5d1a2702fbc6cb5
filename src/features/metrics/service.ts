/** The figures of live connections as the API answers them. */
import { countOf, type Distribution } from "../../core/meter.ts";
import type { Sources } from "../../core/metric.ts";
import type { ConnectionMetrics } from "../../protocol/metrics.ts";

const projectsMax = 1_000;

export function connectionMetrics({ meter, ...gauges }: Sources): ConnectionMetrics {
  const projects = [...gauges.projects()].sort(([, a], [, b]) => b - a);
  return {
    started_at: new Date(performance.timeOrigin).toISOString(),
    total: gauges.connections(),
    people: gauges.people(),
    projects_total: projects.length,
    projects: projects.slice(0, projectsMax).map(([project_id, connections]) => ({ project_id, connections })),
    opened: meter.socketsOpened,
    closed: [...meter.socketsClosed].map(([code, count]) => ({ code, count })),
    durations: durations(meter.socketSeconds),
    reconnects: meter.reconnects,
    joins: { ...meter.joins },
    events_replayed: meter.eventsReplayed,
  };
}

function durations(distribution: Distribution): ConnectionMetrics["durations"] {
  const { bounds, counts, sum } = distribution;
  const count = countOf(distribution);
  return {
    count,
    mean_seconds: count === 0 ? null : sum / count,
    buckets: [...counts].map((inBucket, i) => ({ up_to_seconds: bounds[i] ?? null, count: inBucket })),
  };
}
