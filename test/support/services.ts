/** Services that tests run against: a throwaway PostgreSQL of their own, and the browser. Nothing here touches yours. */
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { killTree, pidsBelow, processRuns, signalTree } from "./processes.ts";

export interface TestPostgres {
  /** The address of the administrator's database; tests make their own by `createDatabase`. */
  readonly url: string;
  readonly port: number;
  /** The postmaster's. */
  readonly pid: number;
  readonly dataDir: string;
  /** A fresh empty database; answers its address. */
  createDatabase(): Promise<string>;
  /** SIGSTOP to every process of the cluster: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** SIGKILL to every process, as in a crash of the machine; resolves when all are gone. */
  kill(): Promise<void>;
  /** Starts again on the same port and data after `kill`. */
  restart(): Promise<void>;
  /** Kills it and removes its data. */
  stop(): Promise<void>;
}

interface PostgresOptions {
  /** Real fsync (default false: faster, and a killed process loses nothing without it). */
  readonly fsync?: boolean;
  /** Of the server's configuration. */
  readonly more?: Readonly<Record<string, string>>;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where `test/run.ts` hands the cluster of the whole run to its test processes. */
export const sharedPostgresVariable = "TASKWIRE_TEST_POSTGRES_URL";

const folderPrefix = "taskwire-postgres-";
const oldestMajor = 15;
const startDeadlineMs = 60_000;

/**
 * A fresh database on the cluster of this test run, empty or a copy of `template`, to which nobody is connected; undefined
 * (and said so) where PostgreSQL is not installed.
 */
export async function createPostgresDatabase(template?: string): Promise<string | undefined> {
  const shared = process.env[sharedPostgresVariable];
  if (shared) return createDatabase(shared, template);
  own ??= startPostgres();
  return (await own)?.createDatabase();
}
let own: Promise<TestPostgres | undefined> | undefined;

/** Starts a cluster of its own; undefined (and said so) where PostgreSQL is not installed. */
export async function startPostgres({
  fsync = false,
  more = {},
  env = {},
}: PostgresOptions = {}): Promise<TestPostgres | undefined> {
  const binaries = findPostgresBinaries();
  if (binaries === undefined) {
    skipped("PostgreSQL", "apt-get install postgresql");
    return undefined;
  }
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), folderPrefix));
  writeFileSync(join(folder, "owner.pid"), String(process.pid));
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  const asUser = unprivileged(folder);
  await initialise(asUser, binaries, dataDir);
  const port = freePort();
  // Given behind the change of user: what is loaded before may keep things that the later user may not touch.
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = [...(given.length > 0 ? ["env", ...given] : []), join(binaries, "postgres")];
  const start = () => startCluster([...asUser, ...command, ...settings(dataDir, port, fsync, more)]);
  let cluster = await start();
  const url = `postgres://taskwire@127.0.0.1:${port}/postgres`;
  const removeAll = () => {
    killTree(cluster.pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on("exit", removeAll);
  return {
    url,
    port,
    dataDir,
    get pid() {
      return cluster.pid;
    },
    createDatabase: () => createDatabase(url),
    pause: () => signalTree(cluster.pid, "SIGSTOP"),
    resume: () => signalTree(cluster.pid, "SIGCONT"),
    async kill() {
      const pids = pidsBelow(cluster.pid);
      killTree(cluster.pid);
      await cluster.exited;
      // Its children are nobody's now: none tells when the last one has let go of the shared memory.
      while (pids.some((pid) => pidsBelow(pid, "postgres").length > 0)) await Bun.sleep(5);
    },
    async restart() {
      cluster = await start();
    },
    async stop() {
      process.off("exit", removeAll);
      killTree(cluster.pid);
      await cluster.exited;
      removeAll();
    },
  };
}

/** The address of Debian's, Google's or a named Chromium; undefined (and said so) where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  const found = named ?? ["chromium", "chromium-browser", "google-chrome"].map(findProgram).find((path) => path);
  if (!found) skipped("Chromium", "apt-get install chromium");
  return found;
}

/** Said once a process; `test/run.ts` repeats these lines at its end. */
export function skipped(service: string, install: string): void {
  if (said.has(service)) return;
  said.add(service);
  console.error(`${skipMark}${service} is not installed (${install})`);
}
export const skipMark = "skipped tests: ";
const said = new Set<string>();

/** The folder with the newest PostgreSQL of at least version 15: Debian's places, then the PATH. */
export function findPostgresBinaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).map(Number) : [];
  const newest = Math.max(...versions.filter((version) => existsSync(join(root, String(version), "bin", "initdb"))), 0);
  if (newest >= oldestMajor) return join(root, String(newest), "bin");
  const initdb = findProgram("initdb");
  if (initdb === undefined || !findProgram("postgres")) return undefined;
  const version = /(\d+)/.exec(Bun.spawnSync([initdb, "--version"]).stdout.toString())?.[1];
  return Number(version) >= oldestMajor ? join(initdb, "..") : undefined;
}

/**
 * The words before a command of PostgreSQL, which refuses to run as root and then runs as a user that may do nothing;
 * `folder` becomes this user's. Where `setpriv` is there, PostgreSQL dies with this process.
 */
function unprivileged(folder: string): string[] {
  const setpriv = findProgram("setpriv");
  const withParent = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "QUIT"];
  if (process.getuid?.() !== 0) return setpriv === undefined ? [] : [...withParent, "--"];
  const { name, uid, gid } = ordinaryUser();
  for (const path of [folder, ...readdirSync(folder).map((entry) => join(folder, entry))]) chownSync(path, uid, gid);
  if (setpriv === undefined) return ["runuser", "-u", name, "--"];
  return [...withParent, "--reuid", String(uid), "--regid", String(gid), "--clear-groups", "--"];
}

function ordinaryUser(): { name: string; uid: number; gid: number } {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return { name: user?.[0] ?? "nobody", uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}

/** A program of the PATH or of the system's usual folders. */
export function findProgram(name: string): string | undefined {
  const path = `${process.env.PATH ?? ""}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  return Bun.which(name, { PATH: path }) ?? undefined;
}

async function initialise(asUser: readonly string[], binaries: string, dataDir: string): Promise<void> {
  const options = ["-U", "taskwire", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", "--no-instructions"];
  run([...asUser, join(binaries, "initdb"), "-D", dataDir, ...options]);
}

function settings(dataDir: string, port: number, fsync: boolean, more: Readonly<Record<string, string>>): string[] {
  const values = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: fsync ? "on" : "off",
    full_page_writes: fsync ? "on" : "off",
    max_connections: 200,
    shared_buffers: "64MB",
    log_min_messages: "log", // the line that says it is ready, no errors that tests provoke
    ...more,
  };
  return ["-D", dataDir, ...Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** Resolves when the cluster accepts connections. */
async function startCluster(command: string[]): Promise<{ pid: number; exited: Promise<number> }> {
  const cluster = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe", cwd: tmpdir() });
  cluster.unref();
  const ready = Promise.withResolvers<void>();
  const output: string[] = [];
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of cluster.stderr) {
      if (output.length < 1000) output.push(decoder.decode(chunk));
      if (output.join("").includes("ready to accept connections")) ready.resolve();
    }
  };
  void read();
  const failed = cluster.exited.then(() => Promise.reject(new Error(`PostgreSQL did not start: ${output.join("")}`)));
  const late = Bun.sleep(startDeadlineMs).then(() => Promise.reject(new Error("PostgreSQL did not start in time")));
  failed.catch(() => {});
  late.catch(() => {});
  await Promise.race([ready.promise, failed, late]);
  return { pid: cluster.pid, exited: cluster.exited };
}

async function createDatabase(adminUrl: string, template = "template0"): Promise<string> {
  const name = `t_${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${name} template ${template}`);
  await sql.end();
  return adminUrl.replace(/\/postgres$/, `/${name}`);
}

export function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/** What test processes that were killed left behind. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(folderPrefix))) {
    const folder = join(tmpdir(), name);
    const owner = readNumber(join(folder, "owner.pid"));
    if (owner === undefined || processRuns(owner)) continue;
    const postmaster = readNumber(join(folder, "data", "postmaster.pid"));
    if (postmaster !== undefined && pidsBelow(postmaster, folder).length > 0) killTree(postmaster);
    rmSync(folder, { recursive: true, force: true });
  }
}

function readNumber(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

function run(command: string[]): void {
  const { exitCode, stderr, stdout } = Bun.spawnSync(command, { cwd: tmpdir() });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}${stdout.toString()}`);
}
