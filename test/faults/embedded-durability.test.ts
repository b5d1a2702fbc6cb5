import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, openEngine, startWriter, type WriterOptions } from "../support/embedded.ts";
import { skipped } from "../support/services.ts";

const rounds = Number(process.env.FAULT_ROUNDS ?? 3);

test(`[G1] kill -9 under load loses no acknowledged row, ${rounds} times over`, async () => {
  const dataDir = dataFolder();
  const acknowledged = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const writer = startWriter({ dataDir, inFlight: 16, rows: 0 });
    await writer.acknowledged(100 + round * 333);
    writer.kill();
    for (const id of (await writer.ended).ids) acknowledged.add(id);
    const { sql, close } = await openEngine({ dataDir });
    const kept = new Set((await sql`select id from kept`).map(({ id }) => id));
    await close();
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    // Beside them only what was under way: one row for each statement in flight, and the writer's first.
    expect(kept.size - acknowledged.size).toBeLessThanOrEqual((round + 1) * 17);
  }
}, 600_000);

test("a kill -9 in the middle of the first start leaves a folder that starts", async () => {
  const dataDir = dataFolder();
  for (const files of [1, 60, 200]) {
    const writer = startWriter({ dataDir, inFlight: 1, rows: 0 });
    while (filesIn(join(dataDir, "pg.new")) < files && !existsSync(join(dataDir, "pg"))) {
      await new Promise(setImmediate);
    }
    writer.kill();
    await writer.ended;
  }
  const { sql, close } = await openEngine({ dataDir });
  expect(await sql`select 1 as one`).toMatchObject([{ one: 1 }]);
  await close();
  expect(readdirSync(dataDir).sort()).toEqual(["format", "lock", "pg"]);
}, 120_000);

/** Also while another process removes or renames it. */
function filesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    return 0;
  }
}

interface Call {
  name: "pwrite" | "fsync" | "acknowledgement";
  path: string;
  /** Hexadecimal. */
  content: string;
  length: number;
}

const hasStrace = Bun.which("strace") !== null;
if (!hasStrace) skipped("strace", "apt-get install strace");
const bytesShown = 70_000;

/** Runs a writer under strace; answers its writes and fsyncs in their order, each at the time it returned. */
async function trace(options: Omit<WriterOptions, "under" | "dataDir">, shown: number): Promise<Call[]> {
  const dataDir = dataFolder();
  // First starts make hundreds of files: not to be traced.
  await startWriter({ ...options, dataDir, rows: 1 }).ended;
  const output = join(dataDir, "trace");
  const under = ["strace", "-f", "-y", "-xx", "-s", String(shown), "-e", "trace=pwrite64,fsync,fdatasync,write"];
  const { exitCode, stderr } = await startWriter({ ...options, dataDir, under: [...under, "-o", output] }).ended;
  if (exitCode !== 0) throw new Error(stderr);
  return [...readTrace(readFileSync(output, "latin1"))];
}

function* readTrace(text: string): Generator<Call> {
  const halves = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      halves.set(pid, rest.replace(/ *<unfinished \.\.\.>$/, ""));
      continue;
    }
    const whole = rest.replace(/^<\.\.\. \w+ resumed>/, () => halves.get(pid) ?? "");
    const [, name, path = "", args = ""] = /^(\w+)\(\d+<([^>]*)>(.*)\) += \d+$/.exec(whole) ?? [];
    const [, content = "", length] = /^, "([^"]*)"(?:\.\.\.)?, (\d+)/.exec(args) ?? [];
    const call = { path: pathOf(path), content: content.replaceAll("\\x", ""), length: Number(length) };
    if (name === "pwrite64") yield { ...call, name: "pwrite" };
    if (name === "fsync" || name === "fdatasync") yield { ...call, name: "fsync" };
    if (name === "write" && call.length === 37) yield { ...call, name: "acknowledgement" };
  }
}

const pathOf = (path: string) => path.replace(/\\x(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
const isLog = ({ path }: Call) => path.includes("/pg_wal/");
const idOf = ({ content }: Call) => Buffer.from(content, "hex").toString().trim().replaceAll("-", "");

test.skipIf(!hasStrace)(
  "[G1] (strace) every acknowledged row is in the log and fsynced before its answer",
  async () => {
    const calls = await trace({ inFlight: 16, rows: 120 }, bytesShown);
    const written = new Map<string, string>();
    let durable = "";
    let acknowledged = 0;
    for (const call of calls) {
      if (call.name === "pwrite" && isLog(call)) written.set(call.path, (written.get(call.path) ?? "") + call.content);
      if (call.name === "fsync" && isLog(call)) {
        durable += written.get(call.path) ?? "";
        written.delete(call.path);
      }
      if (call.name === "acknowledgement") {
        acknowledged++;
        expect(durable.includes(idOf(call))).toBe(true);
      }
    }
    expect(acknowledged).toBe(120);
    const fsyncs = calls.slice(calls.findIndex(({ name }) => name === "acknowledgement")).filter(isLog);
    expect(fsyncs.filter(({ name }) => name === "fsync").length).toBeLessThan(120);
  },
);

test.skipIf(!hasStrace)("(strace) a lone commit costs one fsync", async () => {
  const calls = await trace({ inFlight: 1, rows: 20 }, 64);
  const first = calls.findIndex(({ name }) => name === "acknowledgement");
  const last = calls.findLastIndex(({ name }) => name === "acknowledgement");
  const between = calls.slice(first, last).filter((call) => call.name !== "pwrite");
  expect(between.map(({ name }) => name)).toEqual(
    Array.from({ length: 19 }, () => ["acknowledgement" as const, "fsync" as const]).flat(),
  );
});
