/** The figures of live connections as the API answers them: of every node, and of all of them. */
import { countOf, type Distribution } from "../../core/meter.ts";
import type { Sources } from "../../core/metric.ts";
import type { ConnectionMetrics } from "../../protocol/metrics.ts";
import type { Peers } from "../../realtime/peers.ts";

export interface ConnectionFigures {
  /** Of all nodes that answer. */
  read(): Promise<ConnectionMetrics>;
}

type Durations = ConnectionMetrics["durations"];

/** What one node tells of itself. */
interface Figures
  extends Pick<
    ConnectionMetrics,
    "started_at" | "total" | "opened" | "closed" | "durations" | "reconnects" | "joins" | "events_replayed"
  > {
  /** Ids, shortened so that many fit into an answer: somebody on several nodes counts once. */
  readonly people: readonly string[];
  /** Connections by project. */
  readonly projects: readonly (readonly [projectId: string, connections: number])[];
}

const projectsMax = 1_000;
/** The last digits of a UUIDv7 are random. */
const shortIdLength = 12;

/** `people`: ids of those who are connected here. */
export function createConnectionFigures(
  sources: Sources,
  people: () => Iterable<string>,
  peers: Peers,
): ConnectionFigures {
  const own = (): Figures => figuresOf(sources, people());
  peers.answers("connections", () => JSON.stringify(own()));
  return {
    async read() {
      const { answers, missing } = await peers.ask("connections", "");
      const all = new Map([[peers.id, own()]]);
      for (const [node, text] of answers) {
        const figures: Figures = JSON.parse(text);
        all.set(node, figures);
      }
      return addUp(all, missing);
    },
  };
}

function figuresOf({ meter, ...gauges }: Sources, people: Iterable<string>): Figures {
  return {
    started_at: new Date(performance.timeOrigin).toISOString(),
    total: gauges.connections(),
    people: [...people].map((id) => id.slice(-shortIdLength)),
    projects: [...gauges.projects()],
    opened: meter.socketsOpened,
    closed: [...meter.socketsClosed].map(([code, count]) => ({ code, count })),
    durations: durationsOf(meter.socketSeconds),
    reconnects: meter.reconnects,
    joins: { ...meter.joins },
    events_replayed: meter.eventsReplayed,
  };
}

function durationsOf(distribution: Distribution): Durations {
  const { bounds, counts, sum } = distribution;
  const count = countOf(distribution);
  return {
    count,
    mean_seconds: count === 0 ? null : sum / count,
    buckets: [...counts].map((inBucket, i) => ({ up_to_seconds: bounds[i] ?? null, count: inBucket })),
  };
}

function addUp(nodes: ReadonlyMap<string, Figures>, missing: readonly string[]): ConnectionMetrics {
  const all = [...nodes.values()];
  const sum = (of: (figures: Figures) => number): number => all.reduce((total, figures) => total + of(figures), 0);
  const projects = [...tally(all.flatMap((figures) => figures.projects))].sort(([, a], [, b]) => b - a);
  return {
    started_at: all.map(({ started_at }) => started_at).sort()[0] ?? "",
    total: sum(({ total }) => total),
    people: new Set(all.flatMap(({ people }) => people)).size,
    projects_total: projects.length,
    projects: projects.slice(0, projectsMax).map(([project_id, connections]) => ({ project_id, connections })),
    opened: sum(({ opened }) => opened),
    closed: [...tally(all.flatMap(({ closed }) => closed.map(({ code, count }) => [code, count] as const)))].map(
      ([code, count]) => ({ code, count }),
    ),
    durations: addDurations(all.map(({ durations }) => durations)),
    reconnects: sum(({ reconnects }) => reconnects),
    joins: {
      fresh: sum(({ joins }) => joins.fresh),
      recovered: sum(({ joins }) => joins.recovered),
      unrecovered: sum(({ joins }) => joins.unrecovered),
    },
    events_replayed: sum(({ events_replayed }) => events_replayed),
    nodes: [...nodes].map(([node_id, { started_at, total, people, projects, opened, reconnects }]) => ({
      node_id,
      started_at,
      total,
      people: people.length,
      projects_total: projects.length,
      opened,
      reconnects,
    })),
    unanswered_nodes: [...missing],
  };
}

function addDurations(all: readonly Durations[]): Durations {
  const count = all.reduce((total, durations) => total + durations.count, 0);
  const seconds = all.reduce((total, durations) => total + (durations.mean_seconds ?? 0) * durations.count, 0);
  const buckets = tally(
    all.flatMap((durations) => durations.buckets.map((bucket) => [bucket.up_to_seconds, bucket.count] as const)),
  );
  return {
    count,
    mean_seconds: count === 0 ? null : seconds / count,
    buckets: [...buckets].map(([up_to_seconds, inBucket]) => ({ up_to_seconds, count: inBucket })),
  };
}

/** Sums by name, in the order of first mention. */
function tally<Name>(counts: readonly (readonly [Name, number])[]): Map<Name, number> {
  const sums = new Map<Name, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return sums;
}
