/** Starts servers, drives them with the C client, reads what they cost. Linux: CPU and memory come from /proc. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const work = join(tmpdir(), "taskwire-bench");

/** One server under measurement. Templates: %M marker, %A answer id, %T a task, %S its next status. */
export interface Target {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly health: string;
  /** Address of the upgrade request and its extra header lines. */
  path(person: number): string;
  headers(person: number): string;
  /** `>` sends, `<` waits for a message holding the text. */
  script(room: number): readonly string[];
  /** What a sender of a room says. */
  say(room: number): string;
  /** Pattern of the answer, and what a good one holds; absent: only deliveries count. */
  readonly answer?: readonly [string, string];
}

export interface Room {
  readonly members: number;
  readonly senders: number;
  readonly tasks: readonly string[];
}

export interface Running {
  readonly target: Target;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to the first good answer of its health check. */
  readonly startMs: number;
  stop(): Promise<void>;
}

const running = new Set<Bun.Subprocess>();
process.on("exit", () => {
  for (const process of running) process.kill("SIGKILL");
});

let nextPort = 21_000 + (process.pid % 500) * 16;

/** Starts a server and waits until it is healthy. Throws with its output where it does not get there. */
export async function startServer(target: Target, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  nextPort += 3;
  const port = nextPort;
  const startedMs = performance.now();
  const server = Bun.spawn([...target.command], {
    env: { ...process.env, ...target.env, ...env, PORT: String(port) },
    stdout: "ignore",
    stderr: "pipe",
  });
  running.add(server);
  while (!(await isHealthy(`http://127.0.0.1:${port}${target.health}`))) {
    if (server.exitCode !== null || performance.now() - startedMs > 60_000) {
      server.kill("SIGKILL");
      throw new Error(`${target.name} did not start: ${await new Response(server.stderr).text()}`);
    }
    await Bun.sleep(1);
  }
  return {
    target,
    port,
    pid: server.pid,
    startMs: performance.now() - startedMs,
    async stop() {
      server.kill("SIGTERM");
      await Promise.race([server.exited, Bun.sleep(6_000)]);
      server.kill("SIGKILL");
      await server.exited;
      running.delete(server);
    },
  };
}

const isHealthy = (url: string): Promise<boolean> =>
  fetch(url, { keepalive: false }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );

/** What the client measured; the fields are those of its one line of JSON. */
export interface Measured {
  readonly ok: boolean;
  readonly error?: string;
  readonly acks?: number;
  readonly acks_per_s?: number;
  readonly ack_p50_ms?: number;
  readonly ack_p99_ms?: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly deliveries: number;
  readonly deliveries_per_s: number;
  readonly cpu_server_s: number;
  readonly cpu_server_s_per_M: number;
  readonly cpu_postgres_s?: number;
  /** Until everybody was connected and had gone through the script. */
  readonly connect_s?: number;
  readonly connect_cpu_server_s?: number;
  readonly util_client: number;
  readonly lost: number;
  readonly dups: number;
  readonly gaps: number;
}

interface Drive {
  /** `txn` and `fanout` keep a number in flight, `rate` sends so many a second (a setting). */
  readonly mode: "txn" | "fanout" | "rate" | "connect";
  readonly rooms: readonly Room[];
  readonly seconds: number;
  readonly settings?: Readonly<Record<string, number>>;
  /** Further servers of the same data: connections go to each in turn, and their CPU counts as the server's. */
  readonly others?: readonly Running[];
  /** Further processes whose CPU is counted: name → pid. */
  readonly pids?: Readonly<Record<string, number>>;
  /** Called when everybody is connected (`connect` only). */
  readonly connected?: () => void;
}

/** Drives a running server and answers what the client saw. Every delivery is checked: `ok` is false after any loss. */
export async function drive(server: Running, options: Drive): Promise<Measured> {
  const measured: Measured & Readonly<Record<`cpu_node_${number}_s`, number>> = JSON.parse(
    await runClient("wsload", planText(server, options), options.connected),
  );
  if (measured.error !== undefined) throw new Error(`${server.target.name}: ${measured.error}`);
  const { others = [] } = options;
  const seconds = others.reduce((sum, _, i) => sum + (measured[`cpu_node_${i}_s`] ?? 0), measured.cpu_server_s);
  return { ...measured, cpu_server_s: seconds, cpu_server_s_per_M: (seconds * 1e6) / measured.deliveries };
}

/** Runs one of the C clients on a plan; answers its line of JSON. `connected` is called when it says so. */
export async function runClient(
  name: "wsload" | "httpload",
  planLines: string,
  connected?: () => void,
): Promise<string> {
  mkdirSync(work, { recursive: true });
  const plan = join(work, `plan-${process.pid}.txt`);
  writeFileSync(plan, planLines);
  const client = Bun.spawn([buildClient(name), plan], { stdout: "pipe", stderr: "pipe" });
  running.add(client);
  const said = readErrors(client.stderr, connected);
  const output = await new Response(client.stdout).text();
  await client.exited;
  running.delete(client);
  rmSync(plan, { force: true });
  const complained = (await said).trim();
  if (complained !== "") console.error(`  client: ${complained.slice(0, 300)}`);
  return output;
}

async function readErrors(stream: ReadableStream<Uint8Array>, connected?: () => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    const part = decoder.decode(chunk);
    if (part.includes("READY")) connected?.();
    text += part.replace("READY\n", "");
  }
  return text;
}

export const escapeText = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\x1f", "\\s");

function planText(
  { target, port, pid }: Running,
  { mode, rooms, seconds, settings, pids, others = [] }: Drive,
): string {
  const values = { port, mode, secs: seconds, warmup: 1.5, hold: seconds, ...settings };
  const lines = Object.entries(values).map(([name, value]) => `${name}\t${value}`);
  for (const [name, id] of Object.entries({ server: pid, ...nodePids(others), ...pids }))
    lines.push(`cpu\t${name}\t${id}`);
  if (target.answer) lines.push(`ack\t${escapeText(target.answer[0])}`, `ackok\t${escapeText(target.answer[1])}`);
  for (const room of rooms) lines.push(`room\t${room.tasks.join(",")}`);
  const ports = [port, ...others.map((other) => other.port)];
  let person = 0;
  for (const [index, room] of rooms.entries()) {
    for (let member = 0; member < room.members; member++) {
      person++;
      const say = member < room.senders ? escapeText(target.say(index + 1)) : "";
      const script = target
        .script(index + 1)
        .map(escapeText)
        .join("\x1f");
      const fields = [
        say === "" ? "S" : "SP",
        escapeText(target.path(person)),
        escapeText(target.headers(person)),
        say,
      ];
      lines.push(["conn", index, ...fields, script, ports[person % ports.length]].join("\t"));
    }
  }
  return `${lines.join("\n")}\n`;
}

const nodePids = (nodes: readonly Running[]): Record<string, number> =>
  Object.fromEntries(nodes.map(({ pid }, i) => [`node_${i}`, pid]));

/** Compiles a client where it is missing or older than its sources. */
function buildClient(name: "wsload" | "httpload"): string {
  const source = join(here, `${name}.c`);
  const binary = join(work, name);
  const changedMs = Math.max(...[source, join(here, "load.h")].map((file) => statSync(file).mtimeMs));
  if (existsSync(binary) && statSync(binary).mtimeMs > changedMs) return binary;
  const compiler = Bun.which("gcc") ?? Bun.which("cc");
  if (compiler === null) throw new Error("the load client needs a C compiler: apt-get install gcc libc6-dev");
  const built = Bun.spawnSync([compiler, "-O2", "-Wall", "-o", binary, source]);
  if (built.exitCode !== 0) throw new Error(built.stderr.toString());
  return binary;
}

/** Resident memory of a process and its descendants, KiB. */
export function residentKb(pid: number): number {
  const own = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  const children = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === pid);
  return children.reduce((sum, child) => sum + residentKb(Number(child)), own);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[1],
    );
  } catch {
    return undefined; // ended meanwhile
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};
