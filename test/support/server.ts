/** The real server as a process of its own, to be killed, stopped and started again on the same data and port. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { SignJWT } from "jose";
import { variableNames } from "../../src/core/variables.ts";
import { newDataDir, programCommand } from "./prepared.ts";
import { pathOf } from "./repository.ts";

export interface ServerOptions {
  /** Absent: the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Absent: one of its own, removed by `close`. */
  readonly dataDir?: string;
  /** Added to (or, undefined, taken from) the environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A file of the tests that starts a server in another way; it is given `serve`. */
  readonly script?: string;
}

export interface ServerProcess {
  /** `http://127.0.0.1:PORT`; the port stays the same over restarts. */
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** A token of the host application for a person, who is made when first seen. */
  token(person: string): Promise<string>;
  /** Sends a signal and waits for the end; answers the exit code, null where the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again after `kill`; resolves when it listens. */
  start(): Promise<void>;
  /** Everything it has written since its last start. */
  output(): string;
  /** When it has written this since its last start. */
  wrote(text: string): Promise<void>;
  /** Resident memory in bytes. */
  memory(): number;
  /** The most it had since it started, or since `resetPeakMemory`. */
  peakMemory(): number;
  resetPeakMemory(): void;
  /** Kills it and removes the data folder it made. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const startDeadlineMs = 30_000;
const hostSecret = "a secret that only the tests and their servers know";

const program = (script: string | undefined): readonly string[] =>
  script === undefined ? programCommand() : [process.execPath, "--no-env-file", pathOf(script)];

/** Dies with this process, also when that is killed, where `setpriv` is there. */
const withParent = (command: readonly string[]): string[] => {
  const setpriv = Bun.which("setpriv");
  return setpriv === null ? [...command] : [setpriv, "--pdeathsig", "KILL", "--", ...command];
};

function environment(options: ServerOptions, dataDir: string, port: number): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...process.env };
  for (const name of variableNames) delete env[name];
  return {
    ...env,
    MODE: "test",
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: options.databaseUrl,
    AUTH_SECRET: hostSecret,
    TRUSTED_JWT_SECRET: hostSecret,
    SIGN_UP: "open",
    RATE_LIMIT_ENABLED: "false",
    LOG_LEVEL: process.env.FAULT_LOG_LEVEL ?? "error",
    ...options.env,
  };
}

/** Starts a server; resolves when it listens. */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const dataDir = options.dataDir ?? newDataDir("server", options.databaseUrl);
  const command = withParent([...program(options.script), "serve"]);
  let running = await launch(command, environment(options, dataDir, 0));
  const { url } = running;
  const killAtExit = () => running.process.kill("SIGKILL");
  process.on("exit", killAtExit);
  const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
    running.process.kill(signal);
    await running.process.exited;
    return running.process.exitCode;
  };
  const close = async (): Promise<void> => {
    await kill("SIGKILL");
    process.off("exit", killAtExit);
    if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
  };
  return {
    url,
    dataDir,
    get pid() {
      return running.process.pid;
    },
    token: (person) =>
      new SignJWT({ name: person })
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(person)
        .setExpirationTime("60d") // the servers' clocks may be moved
        .sign(new TextEncoder().encode(hostSecret)),
    kill,
    async start() {
      running = await launch(command, environment(options, dataDir, Number(new URL(url).port)));
    },
    output: () => running.output(),
    wrote: (text) => running.wrote(text),
    memory: () => memoryBytes(running.process.pid, "VmRSS"),
    peakMemory: () => memoryBytes(running.process.pid, "VmHWM"),
    resetPeakMemory: () => writeFileSync(`/proc/${running.process.pid}/clear_refs`, "5"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Running {
  readonly process: Bun.Subprocess;
  readonly url: string;
  readonly output: () => string;
  readonly wrote: (text: string) => Promise<void>;
}

async function launch(command: string[], env: Record<string, string | undefined>): Promise<Running> {
  const server = Bun.spawn(command, { env, cwd: tmpdir(), stdout: "pipe", stderr: "pipe" });
  const listening = Promise.withResolvers<string>();
  let output = "";
  const awaited = new Map<string, PromiseWithResolvers<void>>();
  const wrote = (text: string): Promise<void> => {
    if (output.includes(text)) return Promise.resolve();
    const waiting = awaited.get(text) ?? Promise.withResolvers<void>();
    awaited.set(text, waiting);
    return waiting.promise;
  };
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      const url = /listening on (http:\S+)/.exec(output)?.[1];
      if (url) listening.resolve(url);
      for (const [text, { resolve }] of awaited) if (output.includes(text)) resolve();
    }
  };
  void read(server.stdout);
  void read(server.stderr);
  const late = setTimeout(() => server.kill("SIGKILL"), startDeadlineMs);
  const failed = server.exited.then(() => Promise.reject(new Error(`the server did not start: ${output}`)));
  failed.catch(() => {}); // it ends one day, long after it listened
  try {
    const url = await Promise.race([listening.promise, failed]);
    return { process: server, url, output: () => output, wrote };
  } finally {
    clearTimeout(late);
  }
}

/** Linux alone tells it so. */
function memoryBytes(pid: number, line: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(status)?.[1]) * 1024;
}
