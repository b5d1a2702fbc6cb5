/** A throwaway Redis for tests: on a free port, without files, gone with the process that started it. */
import { tmpdir } from "node:os";
import { killTree, signalTree } from "./processes.ts";
import { findProgram, freePort, skipped } from "./services.ts";

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGSTOP: connections stay open, new ones are taken, and nothing answers. */
  pause(): void;
  resume(): void;
  /** SIGKILL; resolves when it is gone, with everything it held. */
  kill(): Promise<void>;
  /** Starts again on the same port after `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface RedisOptions {
  /** Asked of whoever connects. */
  readonly password?: string;
  /** A line of its list of users, without `user`; the default user is off then. */
  readonly user?: string;
  /** PEM files: it speaks TLS alone. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Default: a free one. */
  readonly port?: number;
}

/** Is there a Redis to start? Where not, it is said how to get one. */
export function hasRedis(): boolean {
  const found = findProgram("redis-server") !== undefined;
  if (!found) skipped("Redis", "apt-get install redis-server");
  return found;
}

/** Starts one; throws where it is not installed (see `hasRedis`). */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const { password, port = freePort() } = options;
  const words = commandOf(port, options);
  let server = await start(words);
  const end = (): void => killTree(server.pid);
  process.on("exit", end);
  const kill = async (): Promise<void> => {
    end();
    await server.exited;
  };
  return {
    url: `redis://${password === undefined ? "" : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    pause: () => signalTree(server.pid, "SIGSTOP"),
    resume: () => signalTree(server.pid, "SIGCONT"),
    kill,
    async restart() {
      server = await start(words);
    },
    async stop() {
      process.off("exit", end);
      await kill();
    },
  };
}

function commandOf(port: number, { password, user, tls }: RedisOptions): string[] {
  const setpriv = findProgram("setpriv");
  const withParent = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL", "--"];
  const settings = { bind: "127.0.0.1", save: "", appendonly: "no", dir: tmpdir() };
  const files = tls && { "tls-cert-file": tls.cert, "tls-key-file": tls.key, "tls-ca-cert-file": tls.cert };
  const options = Object.entries({
    ...settings,
    ...(files ? { port: 0, "tls-port": port, ...files, "tls-auth-clients": "no" } : { port }),
    ...(password !== undefined && { requirepass: password }),
  });
  return [
    ...withParent,
    findProgram("redis-server") ?? "redis-server",
    ...options.flatMap(([k, v]) => [`--${k}`, `${v}`]),
    ...(user === undefined ? [] : ["--user", "default", "off", "--user", ...user.split(" ")]),
  ];
}

/** Resolves when it takes connections. */
async function start(words: readonly string[]) {
  const server = Bun.spawn([...words], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  server.unref();
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of server.stdout) {
    output += decoder.decode(chunk);
    if (output.includes("Ready to accept connections")) return server;
  }
  throw new Error(`Redis did not start: ${output}`);
}
