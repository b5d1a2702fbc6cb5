/**
 * Writers and readers on real sockets, and the verdict at rest. Everything is drawn from one seed, so that a failure can
 * be had again (FAULT_SEED).
 */
import { api } from "./contract-client.ts";
import { checkProject, type Faults, type Verdict } from "./load-check.ts";
import { type Reader, startReader } from "./load-reader.ts";
import { emptyLedger, type Ledger, startWriter, type Target } from "./load-writer.ts";
import { createRandom, type Random } from "./random.ts";

/** Who serves: a server, or several on one database. */
export interface LoadServer {
  readonly url: string;
  token(person: string): Promise<string>;
  /** What it has written since it started. */
  output(): string;
}

export interface LoadOptions {
  readonly seed: number;
  /** Mutations of all writers together; Infinity: until `stop`. */
  readonly mutations: number;
  readonly writers?: number;
  readonly readers?: number;
  readonly projects?: number;
  /** Mutations in flight of one writer. */
  readonly window?: number;
  readonly dropFirstAnswers?: boolean;
  /** Do readers cut their connections now and then? */
  readonly flaps?: boolean;
  /** Whose people these are, where several loads run at a time. */
  readonly group?: string;
  /** How its projects' names begin. Projects of one name that are made at once fight for a key. */
  readonly project?: string;
  /** How long a writer thinks before each mutation. */
  readonly paceMs?: number | undefined;
  /** After so long without a frame a client asks whether its connection is still there; default: it waits for ever. */
  readonly quietMs?: number | undefined;
}

export interface Figures extends Faults {
  acked: number;
  /** Stale versions, and tasks deleted meanwhile. */
  refused: number;
  resumeP99Ms: number;
}

export interface Load {
  readonly group: string;
  readonly random: Random;
  readonly targets: readonly Target[];
  readonly readers: readonly Reader[];
  readonly ledger: Ledger;
  /** Settles when so many mutations are acknowledged. */
  acked(count: number): Promise<void>;
  /** No new mutations; those in flight are sent until they are answered. */
  stop(): void;
}

/** Nothing under test takes as long; what does, hangs. */
const restDeadlineMs = 30_000;
/** Characters of a server's output that a failure tells. */
const outputMax = 2_000;

/**
 * Runs a load beside `during`, waits for rest when that has settled, compares everything and answers the figures.
 * Throws with what went wrong.
 */
export async function runLoad(
  servers: readonly LoadServer[],
  options: LoadOptions,
  during: (load: Load) => Promise<void>,
): Promise<Figures> {
  const { seed, writers: writerCount = 8, readers: readerCount = 4, projects = 2, group = "", project = "" } = options;
  const { paceMs, quietMs } = options;
  const people = await makePeople(servers, [
    ...names(`${group}writer`, writerCount),
    ...names(`${group}reader`, readerCount),
  ]);
  const owner = people[0];
  if (!owner) throw new Error("a load needs a writer");
  const targets = await Promise.all(
    names(`${project}Project`, projects).map((name) => makeTarget(owner, people, `${name} ${seed}`)),
  );
  const ledger = emptyLedger();
  const waiting = new Set<() => void>();
  const writers = people.slice(0, writerCount).map((person, i) =>
    startWriter({
      ...person,
      name: `${person.name}-${seed}`,
      targets,
      ledger,
      window: options.window ?? 4,
      paceMs,
      quietMs,
      dropFirstAnswers: options.dropFirstAnswers ?? false,
      budget: Math.ceil(options.mutations / writerCount),
      random: createRandom(seed * 17 + i),
      acknowledged() {
        for (const look of waiting) look();
      },
    }),
  );
  const readers = people.slice(writerCount).map((person, i) =>
    startReader({
      ...person,
      projectIds: targets.map(({ projectId }) => projectId),
      flaps: options.flaps ?? true,
      quietMs,
      begin: i % 2 ? "log" : "snapshot",
      random: createRandom(seed * 31 + i),
    }),
  );
  const written = Promise.all(writers.map(({ finished }) => finished));
  const acked: Load["acked"] = (count) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (ledger.acks.length < count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      written.then(look, reject);
      look();
    });
  const stop = () => {
    for (const writer of writers) writer.stop();
  };
  try {
    await during({ group, random: createRandom(seed), targets, readers, ledger, acked, stop });
    const state = () => writers.map((writer) => writer.state()).filter(Boolean);
    await inTime(written, "the writers", () => `${ledger.acks.length} acked\n${state().join("\n")}`);
    return await judge(owner, targets, ledger, readers);
  } catch (error) {
    for (const writer of writers) writer.abandon();
    const said = servers.map((server) => server.output().slice(-outputMax)).join("\n");
    const words = `with FAULT_SEED=${seed}: ${error instanceof Error ? error.message : error}\n${said}`;
    throw new Error(words, { cause: error });
  } finally {
    for (const reader of readers) reader.stop();
  }
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);

export interface Person {
  readonly name: string;
  readonly id: string;
  readonly url: string;
  readonly token: string;
}

/** Person i lives on server i, i + n, …; their first request makes them. */
export const makePeople = (servers: readonly LoadServer[], people: readonly string[]): Promise<Person[]> =>
  Promise.all(
    people.map(async (name, i) => {
      const server = servers[i % servers.length];
      if (!server) throw new Error("a load needs a server");
      const { url } = server;
      const token = await server.token(name);
      const { id } = await api<{ id: string }>({ url, token }, "GET", "/api/me");
      return { name, id, url, token };
    }),
  );

/** A project of `owner` with everybody in it. */
export async function makeTarget(owner: Person, people: readonly Person[], name: string): Promise<Target> {
  const { id: projectId } = await api<{ id: string }>(owner, "POST", "/api/projects", { name });
  for (const { id } of people)
    if (id !== owner.id)
      await api(owner, "POST", `/api/projects/${projectId}/members`, { user_id: id, role: "member" });
  return { projectId, memberIds: people.map(({ id }) => id), taskIds: [] };
}

async function judge(
  owner: Person,
  targets: readonly Target[],
  ledger: Ledger,
  readers: readonly Reader[],
): Promise<Figures> {
  const verdicts: Verdict[] = [];
  for (const { projectId } of targets) {
    const head = await api<{ seq: number }>(owner, "GET", `/api/projects/${projectId}/snapshot`);
    const reached = Promise.all(readers.map((reader) => reader.reached(projectId, head.seq)));
    await inTime(reached, "the readers", () =>
      readers.map(({ name, followed }) => `${name} at ${followed(projectId)?.state.seq} of ${head.seq}`).join(", "),
    );
    verdicts.push(await checkProject(owner, projectId, ledger, readers));
  }
  const sum = (of: keyof Faults) => verdicts.reduce((total, verdict) => total + verdict[of], 0);
  const heard = (of: keyof Reader["faults"]) => readers.reduce((total, { faults }) => total + faults[of], 0);
  const figures = {
    acked: ledger.acks.length,
    refused: ledger.refused.length,
    lost: sum("lost"),
    duplicate: sum("duplicate") + heard("duplicate"),
    gap: sum("gap") + heard("gap"),
    outOfOrder: sum("outOfOrder") + heard("outOfOrder"),
    diverged: sum("diverged") + heard("unrecovered"),
    resumeP99Ms: percentile(
      readers.flatMap(({ resumesMs }) => resumesMs),
      0.99,
    ),
  };
  const problems = [...ledger.violations, ...[...readers, ...verdicts].flatMap(({ problems }) => problems)];
  const { lost, duplicate, gap, outOfOrder, diverged } = figures;
  if (problems.length > 0 || lost + duplicate + gap + outOfOrder + diverged > 0)
    throw new Error(`${JSON.stringify(figures)}\n${problems.slice(0, 10).join("\n")}`);
  return figures;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

/** Rejects with `what` and its state where `work` does not settle. */
export async function inTime<T>(
  work: Promise<T>,
  what: string,
  state = () => "",
  deadlineMs = restDeadlineMs,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come to rest: ${state()}`)), deadlineMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
