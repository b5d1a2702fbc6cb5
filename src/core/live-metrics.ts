/** Metrics of live connections, their frames, and the road of events. */
import type { Tally } from "./meter.ts";
import type { Metric, Sample } from "./metric.ts";

/** Projects with a series of their own; the others share one. Each series is kept by Prometheus for as long as its data. */
const namedProjectsMax = 20;

const live: readonly Metric[] = [
  {
    name: "taskwire_connections",
    type: "gauge",
    help: "Open live connections, also those that have not authenticated yet.",
    read: (s) => s.connections(),
  },
  {
    name: "taskwire_transport_connections",
    type: "gauge",
    help: "The same by transport: websocket is the native one, socketio that of Socket.IO clients, by polling or WebSocket.",
    labels: ["transport"],
    read: (s) => Object.entries(s.transports()).map(([transport, count]) => [count, { transport }]),
  },
  {
    name: "taskwire_people_connected",
    type: "gauge",
    help: "People with at least one live connection to this server.",
    read: (s) => s.people(),
  },
  {
    name: "taskwire_projects_live",
    type: "gauge",
    help: "Projects that at least one connection has joined.",
    read: (s) => s.projects().size,
  },
  {
    name: "taskwire_project_connections",
    type: "gauge",
    help: `Connections that joined a project: the ${namedProjectsMax} projects with most by id, all others as "other".`,
    labels: ["project_id"],
    read: (s) => busiestProjects(s.projects()),
  },
  {
    name: "taskwire_connections_opened_total",
    type: "counter",
    help: "Live connections opened.",
    read: ({ meter }) => meter.socketsOpened,
  },
  {
    name: "taskwire_connections_closed_total",
    type: "counter",
    help: "Live connections closed, by close code (4408: too slow or silent, 1012: the server stopped).",
    labels: ["code"],
    read: ({ meter }) => tallied(meter.socketsClosed, "code"),
  },
  {
    name: "taskwire_connection_duration_seconds",
    type: "histogram",
    help: "How long live connections were open that have closed.",
    read: ({ meter }) => meter.socketSeconds,
  },
  {
    name: "taskwire_reconnects_total",
    type: "counter",
    help: "Connections that took up a position they had from an earlier one.",
    read: ({ meter }) => meter.reconnects,
  },
  {
    name: "taskwire_joins_total",
    type: "counter",
    help: "Rooms joined: fresh without a position, recovered with every missed event, unrecovered where the client had to start over.",
    labels: ["kind"],
    read: ({ meter }) => Object.entries(meter.joins).map(([kind, count]) => [count, { kind }]),
  },
  {
    name: "taskwire_events_replayed_total",
    type: "counter",
    help: "Events replayed to clients that came back.",
    read: ({ meter }) => meter.eventsReplayed,
  },
];

const frames: readonly Metric[] = [
  {
    name: "taskwire_frames_received_total",
    type: "counter",
    help: "Frames received from clients.",
    read: ({ meter }) => meter.framesReceived,
  },
  {
    name: "taskwire_frames_sent_total",
    type: "counter",
    help: "Frames sent to clients: answer to one connection, delivery for each copy of a frame of a room.",
    labels: ["kind"],
    read: ({ meter }) => [
      [meter.framesAnswered, { kind: "answer" }],
      [meter.framesDelivered, { kind: "delivery" }],
    ],
  },
  {
    name: "taskwire_frames_published_total",
    type: "counter",
    help: "Frames published to a room, each counted once however many hear it.",
    read: ({ meter }) => meter.framesPublished,
  },
  {
    name: "taskwire_frame_errors_total",
    type: "counter",
    help: "Frames answered with an error, by its code.",
    labels: ["code"],
    read: ({ meter }) => tallied(meter.frameErrors, "code"),
  },
  {
    name: "taskwire_frame_duration_seconds",
    type: "histogram",
    help: "Time from the start of a client's frame to its answer, the commit included, by event.",
    labels: ["event"],
    read: ({ meter }) => [...meter.frameSeconds].map(([event, seconds]) => [seconds, { event }]),
  },
];

const log: readonly Metric[] = [
  {
    name: "taskwire_publish_lag_seconds",
    type: "histogram",
    help: "Time from the news of a commit on this server to its publication; one event at a time is timed.",
    read: ({ meter }) => meter.publishSeconds,
  },
  {
    name: "taskwire_gaps_total",
    type: "counter",
    help: "Numbers missing from the order of a room for so long that the log was read for them.",
    read: ({ meter }) => meter.gaps,
  },
  {
    name: "taskwire_log_events_read_total",
    type: "counter",
    help: "Events read from the log to be published here: those that fill gaps, and those other servers wrote.",
    read: ({ meter }) => meter.eventsRead,
  },
  {
    name: "taskwire_lane_batch_size",
    type: "histogram",
    help: "Commands that were committed together.",
    read: ({ meter }) => meter.laneBatch,
  },
  {
    name: "taskwire_lane_batch_duration_seconds",
    type: "histogram",
    help: "Time one batch of commands took, the commit included.",
    read: ({ meter }) => meter.laneSeconds,
  },
  {
    name: "taskwire_lane_waiting",
    type: "gauge",
    help: "Commands that wait for the batch in flight.",
    read: ({ meter }) => meter.laneWaiting,
  },
];

export const liveMetrics: readonly Metric[] = [...live, ...frames, ...log];

const tallied = (tally: Tally, label: string): Sample<number>[] =>
  [...tally].map(([name, count]) => [count, { [label]: name }]);

function busiestProjects(projects: ReadonlyMap<string, number>): Sample<number>[] {
  const sorted = [...projects].sort(([, a], [, b]) => b - a);
  const others = sorted.slice(namedProjectsMax).reduce((sum, [, connections]) => sum + connections, 0);
  const named = sorted.slice(0, namedProjectsMax).map(([id, count]): Sample<number> => [count, { project_id: id }]);
  return [...named, [others, { project_id: "other" }]];
}
