/** The program itself as a process, or any command that takes the same arguments. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { variableNames } from "../../src/core/variables.ts";
import { programCommand } from "./prepared.ts";

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningServer {
  /** As in the line `listening on …`. */
  readonly url: string;
  readonly pid: number;
  /** Everything on standard output so far. */
  stdout(): string;
  /** Sends the signal, without waiting. */
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

interface Options {
  /** On top of an environment without any variable of the server but MODE=test and LOG_LEVEL=silent. */
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** What `startServer` calls it with; `serve` by default. */
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** What it reads on standard input; nothing by default. */
  readonly input?: string;
}

/** A folder of the test's own, removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "taskwire-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function spawn(args: readonly string[], { env = {}, command = programCommand(), cwd, input }: Options) {
  const base: Record<string, string | undefined> = { ...process.env };
  for (const name of variableNames) delete base[name];
  const program = Bun.spawn([...command, ...args], {
    cwd: cwd ?? temporaryFolder(),
    env: { ...base, MODE: "test", LOG_LEVEL: "silent", ...env },
    stdin: input === undefined ? "ignore" : new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  process.on("exit", () => program.kill("SIGKILL"));
  return program;
}

/** Runs a command to its end. */
export async function runProgram(args: readonly string[], options: Options = {}): Promise<Ended> {
  const program = spawn(args, options);
  const output = [new Response(program.stdout).text(), new Response(program.stderr).text()] as const;
  const [stdout, stderr] = await Promise.all(output);
  return { exitCode: await program.exited, stdout, stderr };
}

/** Starts `serve` on a free port; resolves when it listens. Throws what it printed where it ends before. */
export async function startServer(options: Options = {}): Promise<RunningServer> {
  const program = spawn(options.args ?? ["serve"], { ...options, env: { PORT: "0", ...options.env } });
  const listening = Promise.withResolvers<string>();
  let stdout = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of program.stdout) {
      stdout += decoder.decode(chunk, { stream: true });
      const url = /listening on (https?:\/\/[^\s"]+)[\n"]/.exec(stdout)?.[1];
      if (url !== undefined) listening.resolve(url);
    }
  };
  const output = Promise.all([read(), new Response(program.stderr).text()]);
  const ended = output.then(async ([, stderr]) => ({ exitCode: await program.exited, stdout, stderr }));
  const early = ended.then((end) => Promise.reject(new Error(`the server ended: ${end.stdout}${end.stderr}`)));
  const url = await Promise.race([listening.promise, early]);
  early.catch(() => {});
  return { url, pid: program.pid, ended, stdout: () => stdout, signal: (name) => program.kill(name) };
}
