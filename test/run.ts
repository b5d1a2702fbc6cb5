/**
 * `bun run test [part of a path …]`: every test file in a process of its own, two at a time (three while processors
 * idle), beside one throwaway PostgreSQL. With `--no-skips` a test that did not run counts as a failure of the run. The last line is the sum.
 */
import { availableParallelism, cpus } from "node:os";
import { basename } from "node:path";
import { variableNames } from "../src/core/variables.ts";
import { prepare } from "./support/prepared.ts";
import { killTree } from "./support/processes.ts";
import { sharedPostgresVariable, skipMark, startPostgres } from "./support/services.ts";

interface Outcome {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
  readonly seconds: number;
}

const root = new URL("..", import.meta.url).pathname;
const rounds = Number(process.env.FAULT_ROUNDS ?? 5);
/** A file that takes longer hangs. A round of faults takes a few seconds; in a long run there are four tests of large ones. */
const fileDeadlineMs = (rounds <= 5 ? 10 : 5 + 4 * rounds) * 60_000;
/** For one test; machines are shared and slow. */
const testDeadlineMs = 60_000;
const workers = Math.min(2, availableParallelism());
/** Many files wait most of their time: another one begins when this part of the processors' last second was idle. */
const idleEnough = 0.4;
const extraWorkers = 1;
/** From so many files on it is worth it to make beforehand what each of them would make. */
const manyFiles = 20;

/** Files that take long come first, so that the last worker does not end alone. */
const slowFirst = ["faults/", "binary", "web/", "contract/"];
const rankOf = (file: string): number => {
  const rank = slowFirst.findIndex((part) => file.includes(part));
  return rank === -1 ? slowFirst.length : rank;
};

const running = new Set<number>();
process.on("exit", () => running.forEach(killTree));

async function findFiles(parts: readonly string[]): Promise<string[]> {
  const files = await Array.fromAsync(new Bun.Glob("test/**/*.test.{ts,tsx}").scan({ cwd: root }));
  const wanted = files.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  return wanted.sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b));
}

/** The environment of the tests: configuration of the server around them must not reach them. */
function environment(postgresUrl: string | undefined, prepared: object): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of variableNames) delete env[name];
  return {
    ...env,
    MODE: "test",
    ...(postgresUrl !== undefined && { [sharedPostgresVariable]: postgresUrl }),
    ...prepared,
  };
}

async function runFile(file: string, env: Record<string, string | undefined>): Promise<Outcome> {
  const startedAt = performance.now();
  const command = [process.execPath, "--no-env-file", "test", `--timeout=${testDeadlineMs}`, `./${file}`];
  const test = Bun.spawn(command, { cwd: root, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  running.add(test.pid);
  const late = setTimeout(() => killTree(test.pid), fileDeadlineMs);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(test.stdout).text(),
    new Response(test.stderr).text(),
    test.exited,
  ]);
  clearTimeout(late);
  running.delete(test.pid);
  const count = (word: string): number =>
    Number([...stderr.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  const failed = count("fail");
  const passed = count("pass");
  const broken = exitCode !== 0 || passed + failed + count("skip") === 0;
  return {
    file,
    passed,
    failed: broken ? Math.max(1, failed) : failed, // a file that crashed, hung or holds no test is a failure
    skipped: count("skip") + count("todo"),
    output: stderr + stdout,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function report({ file, passed, failed, skipped, output, seconds }: Outcome): void {
  const marks = [`${passed} passed`, failed > 0 && `${failed} FAILED`, skipped > 0 && `${skipped} skipped`];
  console.log(`${failed > 0 ? "✗" : "✓"} ${file}  ${marks.filter(Boolean).join(", ")}  ${seconds.toFixed(1)} s`);
  if (failed > 0) console.log(withoutPasses(output));
}

const withoutPasses = (output: string): string => output.replace(/^\(pass\).*\n/gm, "").replace(/^/gm, "    ");

interface Work {
  /** What is left. */
  readonly files: string[];
  readonly env: Record<string, string | undefined>;
  readonly outcomes: Outcome[];
}

/** Takes the next file. */
async function workOnce({ files, env, outcomes }: Work): Promise<void> {
  const file = files.shift();
  if (file === undefined) return;
  const outcome = await runFile(file, env);
  outcomes.push(outcome);
  report(outcome);
}

async function work(all: Work): Promise<void> {
  while (all.files.length > 0) await workOnce(all);
}

/** The same, but beginning a file only when the processors have time for it. */
async function workWhenIdle(all: Work): Promise<void> {
  let before = processorTimes();
  while (all.files.length > 0) {
    await Bun.sleep(1_000);
    const now = processorTimes();
    const idle = (now.idle - before.idle) / Math.max(1, now.all - before.all);
    if (idle >= idleEnough) await workOnce(all);
    before = idle >= idleEnough ? processorTimes() : now;
  }
}

/** Milliseconds of all processors since the machine started. */
const processorTimes = (): { idle: number; all: number } =>
  cpus().reduce(
    ({ idle, all }, { times }) => ({
      idle: idle + times.idle,
      all: all + times.idle + times.user + times.nice + times.sys + times.irq,
    }),
    { idle: 0, all: 0 },
  );

const sum = (outcomes: readonly Outcome[], of: "passed" | "failed" | "skipped"): number =>
  outcomes.reduce((total, outcome) => total + outcome[of], 0);

async function main(args: readonly string[]): Promise<number> {
  const files = await findFiles(args.filter((arg) => !arg.startsWith("--")));
  if (files.length === 0) {
    console.error(`no test file has one of these in its path: ${args.join(", ")}`);
    return 2;
  }
  console.log(`${files.length} test files, ${workers} at a time`);
  const cluster = await startPostgres();
  const prepared = files.length < manyFiles ? undefined : await prepare(cluster);
  const outcomes: Outcome[] = [];
  const all = { files, outcomes, env: environment(cluster?.url, prepared?.env ?? {}) };
  const extra = Array.from({ length: extraWorkers }, () => workWhenIdle(all));
  await Promise.all([...Array.from({ length: workers }, () => work(all)), ...extra]);
  prepared?.remove();
  await cluster?.stop();
  return conclude(outcomes, args.includes("--no-skips"));
}

function conclude(outcomes: readonly Outcome[], noSkips: boolean): number {
  const missing = outcomes.flatMap(({ output }) => output.split("\n").filter((line) => line.startsWith(skipMark)));
  const skipped = sum(outcomes, "skipped");
  const failed = sum(outcomes, "failed");
  console.log("");
  for (const line of new Set(missing)) console.log(line);
  if (skipped > 0) console.log(`${skipped} skipped${noSkips ? ", which this run does not allow" : ""}`);
  const broken = outcomes.filter((outcome) => outcome.failed > 0);
  // Again, where a long run is read: a log is often kept by its end alone.
  if (outcomes.length >= manyFiles) broken.forEach(report);
  if (broken.length > 0) console.log(`failed: ${broken.map(({ file }) => basename(file)).join(", ")}`);
  console.log(`${sum(outcomes, "passed")} passed, ${failed} failed`);
  return failed > 0 || (noSkips && skipped > 0) ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exit(await main(process.argv.slice(2)));
