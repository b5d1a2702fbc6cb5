/** Writes docs/benchmarks.md from test/bench/results/*.json. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

interface Result {
  readonly at: string;
  readonly version: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly bun: string };
  readonly lines: readonly {
    readonly scenario: string;
    readonly case: string;
    readonly measure: string;
    readonly taskwire: number;
    readonly limit?: number;
    readonly ratio?: number;
    readonly promised: string;
    readonly kept: boolean;
    readonly rounds: number;
  }[];
}

const root = new URL("../", import.meta.url);
const folder = new URL("test/bench/results/", root);
const about: Readonly<Record<string, string>> = {
  update:
    "A `task_status_update` with a mutation id, over the socket with JWT, authorization, log, limits: committed (fsync on), heard by a room of 50, answered. 8 rooms. The limit is a hand-written Bun server with one statement that locks, updates, counts and logs, over a pool of 16 connections; it sends a tenth of the bytes.",
  fanout:
    "Frames of 200 bytes from sockets to a room of 200. The limit is a bare `Bun.serve` that parses, publishes and does nothing else.",
  connect:
    "Authenticated sockets, each in its own room and in one room of 50, idle. The limit is the bare server's sockets.",
  start:
    "From the start of the process (the executable) to the first good answer of `/health/ready`, on data that exists.",
};
const short = (value: number | undefined): string => (value === undefined ? "" : String(Number(value.toPrecision(3))));

const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const results = names.map((name): Result => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
const sections = results.map(({ at, machine, version, lines }) => {
  const scenario = lines[0]?.scenario ?? "";
  const rows = lines.map(
    (line) =>
      `| ${line.case} | ${line.measure} | ${short(line.taskwire)} | ${short(line.limit)} | ${short(line.ratio)} | ${line.promised}${line.kept ? "" : " **missed**"} |`,
  );
  const when = `${at.slice(0, 10)}, Taskwire ${version}, Bun ${machine.bun}, ${machine.cores} × ${machine.cpu}, medians of ${lines[0]?.rounds} rounds.`;
  const head = "| case | measure | Taskwire | limit | ratio | promised |\n|---|---|---|---|---|---|";
  return `## ${scenario}\n\n${about[scenario] ?? ""}\n${when}\n\n${head}\n${rows.join("\n")}\n`;
});
const text = `# Benchmarks

\`bun run bench [update|fanout|connect|start] [--rounds 3] [--seconds 5]\` measures Taskwire and its limit side by side, turn
about, and checks every delivery for loss, order and repetition. Read the ratios: the machines are shared and noisy, and
server, database and load share their cores. This page is written from the results by \`bun run bench:report\`.

${sections.join("\n")}`;
writeFileSync(new URL("docs/benchmarks.md", root), text);
