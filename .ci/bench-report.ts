/** Writes docs/benchmarks.md and its charts from test/bench/results/*.json. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Line, type Result, readResult } from "../test/bench/lines.ts";
import { type Bar, type Chart, drawChart } from "./bench-chart.ts";

const root = new URL("../", import.meta.url);
const folder = new URL("test/bench/results/", root);
/** In the order of the page. */
const about: Readonly<Record<string, string>> = {
  update:
    "A `task_status_update` with a mutation id, over the socket with JWT, authorization, log, limits: committed (fsync on), heard by a room of 50, answered. 8 rooms. The limit is a hand-written Bun server with one statement that locks, updates, counts and logs, over a pool of 16 connections; it sends a tenth of the bytes.",
  fanout:
    "Frames of 200 bytes from sockets to a room of 200. The limit is a bare `Bun.serve` that parses, publishes and does nothing else.",
  rooms:
    "1,000 rooms of 10. Frames of 200 bytes against the bare `Bun.serve` of `fanout`; committed updates against the hand-written server of `update`.",
  socketio:
    "The frames of `fanout`, to a room of 200 clients of Socket.IO over WebSocket. The limit is the bare server of `fanout` with native clients.",
  publish:
    "Another application sends durable events to 8 rooms, 100 in a request, two requests for each room under way; half of the 50 listeners of a room are native, half speak Socket.IO. The arrival, order and number of each event at each listener are checked.",
  connect:
    "Authenticated sockets, each in its own room and in one room of 50, idle. The limit is the bare server's sockets.",
  rest: "Over 64 kept connections, each a person with a JWT. The limit is Elysia and postgres.js with one statement a request on the same tables: no caller, no rights, no schemas, no events.",
  snapshot:
    "`GET /api/projects/:id/snapshot` of 2,000 tasks with titles and descriptions, one after the other, gzip. The limit selects the rows as JSON and packs them.",
  start:
    "From the start of the process (the executable) to the first good answer of `/health/ready`, on data that exists.",
  nodes:
    "One, two and three servers on one PostgreSQL, woken by its NOTIFY or by Redis, everybody's windows spread over all of them: each server hears every update. With 300 updates a second for each server it brings people, projects and updates of its own: what it costs that there are more. With 400 updates/s in 8 rooms the same work is divided: a server that does a third of it finds less to do together, alone or not. Measured after ten seconds of the same load. The limit is one server.",
  stampede:
    "A server with 10,000 sockets in 200 rooms is killed (kill -9) and started again; all come back at one moment, without the jitter of real clients, and resume from the log what they missed. The database counts what it is asked for meanwhile: none needs a snapshot.",
  jobs: "Rows that wait or come one by one, taken by the loop of one process, a hundred at a time; each does nothing.",
  reminders:
    "100,000 reminders due at one moment, inbox entry and event each, while eight people change tasks; the limit is the same without reminders.",
  page: "The page in headless Chromium, on the embedded database. A change is drawn when the frame after it is; heap is that of live objects, after collecting garbage.",
};
const short = (value: number | undefined): string => (value === undefined ? "" : String(Number(value.toPrecision(3))));

const scenarioOf = ({ lines }: Result): string => lines[0]?.scenario ?? "";
const order = Object.keys(about);
const results = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => readResult(new URL(name, folder)))
  .toSorted((one, other) => order.indexOf(scenarioOf(one)) - order.indexOf(scenarioOf(other)));

function section(result: Result): string {
  const { at, machine, version, lines } = result;
  const rows = lines.map(
    (line) =>
      `| ${line.case} | ${line.measure} | ${short(line.taskwire)} | ${short(line.limit)} | ${short(line.ratio)} | ${line.promised}${line.kept ? "" : " **missed**"} |`,
  );
  const when = `${at.slice(0, 10)}, Taskwire ${version}, Bun ${machine.bun}, ${machine.cores} × ${machine.cpu}, medians of ${lines[0]?.rounds} rounds.`;
  const head = "| case | measure | Taskwire | limit | ratio | promised |\n|---|---|---|---|---|---|";
  const name = scenarioOf(result);
  return `## ${name}\n\n${about[name] ?? ""}\n${when}\n\n${head}\n${rows.join("\n")}\n`;
}

/** How many times as good as promised; 1 is just kept. */
function headroom({ bound, ratio = 0, taskwire }: Line): number | undefined {
  if (!bound) return undefined;
  const got = bound.of === "ratio" ? ratio : taskwire;
  return bound.is === "at least" ? got / bound.figure : bound.figure / got;
}

const titleOf = (line: Line): string => `${line.case}, ${line.measure.replace(/, room .*/, "")}`;

function promises(): Chart {
  const groups = results.map((result) => ({
    name: scenarioOf(result),
    bars: result.lines.flatMap((line): Bar[] => {
      const value = headroom(line);
      if (value === undefined) return [];
      return [{ label: titleOf(line), value, said: `${short(value)} ×`, colour: line.kept ? "ours" : "missed" }];
    }),
  }));
  return {
    title: "What was promised, and what was measured",
    unit: "times as good as promised: throughput by its least, cost and size by their most",
    groups: groups.filter(({ bars }) => bars.length > 0),
    mark: { value: 1, said: "as promised" },
    legend: [
      { colour: "ours", said: "kept" },
      { colour: "missed", said: "missed" },
    ],
  };
}

/** Cases of one scenario, each beside its limit. */
function throughput(): Chart {
  const perSecond = results.flatMap(({ lines }) => lines).filter(({ measure }) => measure.endsWith("/s"));
  const groups = perSecond.map((line) => ({
    name: `${line.scenario}: ${line.case}`,
    bars: [
      { label: "Taskwire", value: line.taskwire, said: said(line, line.taskwire), colour: "ours" as const },
      ...(line.limit === undefined
        ? []
        : [{ label: "limit", value: line.limit, said: said(line, line.limit), colour: "beside" as const }]),
    ],
  }));
  return {
    title: "Throughput",
    unit: "a second, Taskwire with all it does beside the bare limit of the same machine",
    groups,
    legend: [
      { colour: "ours", said: "Taskwire" },
      { colour: "beside", said: "limit" },
    ],
  };
}

const said = ({ measure }: Line, value: number): string =>
  `${Number(value.toPrecision(3)).toLocaleString("en")} ${measure}`;

mkdirSync(new URL("docs/benchmarks/", root), { recursive: true });
writeFileSync(new URL("docs/benchmarks/promises.svg", root), drawChart(promises()));
writeFileSync(new URL("docs/benchmarks/throughput.svg", root), drawChart(throughput()));
const page = `# Benchmarks

\`bun run bench [${order.join("|")}] [--rounds 3] [--seconds 5]\` measures Taskwire and its limit side
by side, turn about, and checks every delivery for loss, order and repetition, every answer for success. Read the ratios: the
machines are shared and noisy, and server, database and load share their cores. This page and its charts are written from the
results by \`bun run bench:report\`.

![Every promise as a bar: how many times as good as promised](benchmarks/promises.svg)

![Throughput of Taskwire beside its limits](benchmarks/throughput.svg)

${results.map(section).join("\n")}
${readFileSync(new URL("docs/benchmarks/side-by-side.md", root), "utf8")}`;
writeFileSync(new URL("docs/benchmarks.md", root), page);
console.log(`docs/benchmarks.md: ${results.length} scenarios`);
