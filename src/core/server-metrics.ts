/** Metrics of the database, of HTTP and of the process. */
import { readdirSync } from "node:fs";
import { cacheNames } from "./meter.ts";
import type { Metric, Sample } from "./metric.ts";

const database: readonly Metric[] = [
  {
    name: "taskwire_database_up",
    type: "gauge",
    help: "1 while the database answers, else 0.",
    read: (s) => Number(s.databaseUp()),
  },
  {
    name: "taskwire_database_connections",
    type: "gauge",
    help: "Connections of the pool, by whether a statement or a transaction holds them.",
    labels: ["state"],
    read(s) {
      const { open, used } = s.pool();
      return [
        [used, { state: "used" }],
        [open - used, { state: "idle" }],
      ];
    },
  },
  {
    name: "taskwire_database_connections_max",
    type: "gauge",
    help: "Connections the pool may make.",
    read: (s) => s.pool().max,
  },
  {
    name: "taskwire_database_waiting",
    type: "gauge",
    help: "Statements that wait for a connection of the pool.",
    read: (s) => s.pool().waiting,
  },
];

const lines: readonly Metric[] = [
  {
    name: "taskwire_broker_up",
    type: "gauge",
    help: "1 while this server hears its own heartbeat through the broker, by what carries it, else 0: then it looks at the log each 0.4 s.",
    labels: ["kind"],
    read(s) {
      const { kind, up } = s.broker();
      return [[Number(up), { kind }]];
    },
  },
  {
    name: "taskwire_broker_reconnects_total",
    type: "counter",
    help: "How often the broker's line was restored.",
    read: (s) => s.broker().reconnects,
  },
  {
    name: "taskwire_redis_up",
    type: "gauge",
    help: "1 while Redis answers, else 0; only with REDIS_URL.",
    read(s) {
      const redis = s.redis();
      return redis ? [[Number(redis.up), {}]] : [];
    },
  },
  {
    name: "taskwire_redis_reconnects_total",
    type: "counter",
    help: "How often Redis was reached again.",
    read: (s) => s.redis()?.reconnects ?? 0,
  },
  {
    name: "taskwire_rate_limit_failovers_total",
    type: "counter",
    help: "Uses counted by this server alone because Redis, which counts for all of them, did not answer.",
    read: ({ meter }) => meter.limitsAlone,
  },
];

const caches: readonly Metric[] = [
  {
    name: "taskwire_cache_reads_total",
    type: "counter",
    help: "Questions to what this server remembers, by cache: hit (answered from memory or by a read under way) or miss (the database was asked).",
    labels: ["cache", "outcome"],
    read: ({ meter }) =>
      cacheNames.flatMap((cache): Sample<number>[] => [
        [meter.caches[cache].hits, { cache, outcome: "hit" }],
        [meter.caches[cache].misses, { cache, outcome: "miss" }],
      ]),
  },
  {
    name: "taskwire_cache_entries",
    type: "gauge",
    help: "Answers this server remembers, by cache.",
    labels: ["cache"],
    read: ({ meter }) => cacheNames.map((cache): Sample<number> => [meter.caches[cache].entries, { cache }]),
  },
];

const requests: readonly Metric[] = [
  {
    name: "taskwire_http_requests_total",
    type: "counter",
    help: "HTTP requests answered, by the pattern of their route and by status; 101 became a live connection.",
    labels: ["method", "route", "status"],
    *read({ meter }) {
      for (const [name, count] of meter.requests) {
        const [method = "", route = "", status = ""] = name.split(" ");
        yield [count, { method, route, status }];
      }
    },
  },
  {
    name: "taskwire_http_request_duration_seconds",
    type: "histogram",
    help: "Time from a request to its answer, without the sending.",
    labels: ["method", "route"],
    *read({ meter }) {
      for (const [name, seconds] of meter.requestSeconds) {
        const [method = "", route = ""] = name.split(" ");
        yield [seconds, { method, route }];
      }
    },
  },
];

const server: readonly Metric[] = [
  {
    name: "taskwire_build_info",
    type: "gauge",
    help: "Always 1; the labels tell what runs.",
    labels: ["version", "bun", "database"],
    read: (s) => [[1, { version: s.version, bun: Bun.version, database: s.database }]],
  },
  {
    name: "taskwire_event_loop_delay_seconds",
    type: "histogram",
    help: "How late the event loop called a timer that is due ten times a second.",
    read: ({ meter }) => meter.loopDelaySeconds,
  },
  {
    name: "taskwire_heap_used_bytes",
    type: "gauge",
    help: "Memory of live JavaScript objects.",
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory.",
    read: () => process.memoryUsage.rss(),
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "CPU time spent, by the process and by the system for it.",
    read() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the process started, in seconds since 1970.",
    read: () => performance.timeOrigin / 1000,
  },
  {
    name: "process_open_fds",
    type: "gauge",
    help: "Open file descriptors, sockets among them; only where the system tells (Linux).",
    read: () => openFiles(),
  },
];

export const serverMetrics: readonly Metric[] = [...database, ...lines, ...caches, ...requests, ...server];

function openFiles(): Sample<number>[] {
  try {
    return [[readdirSync("/proc/self/fd").length - 1, {}]]; // without the one that reads
  } catch {
    return [];
  }
}
