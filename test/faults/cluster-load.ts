/** A load on three nodes behind nginx: groups of people, each with a project, through one schedule of faults. */
import type { Cluster, ClusterNode } from "../support/cluster.ts";
import { ConnectionLost, openClient, Refused } from "../support/contract-client.ts";
import { type Figures, inTime, type Load, runLoad } from "../support/load.ts";
import { type Reader, startReader } from "../support/load-reader.ts";
import { createRandom, type Random } from "../support/random.ts";
import { rounds, total } from "./rounds.ts";

export interface ClusterFault {
  readonly name: string;
  begin(): Promise<unknown>;
  /** How long it lasts. */
  readonly lastsMs: number;
  end(): Promise<unknown>;
  /** Nodes that serve on in the middle of it: writes at them are heard at all of them. */
  readonly serving: readonly ClusterNode[];
  /** Do all clients get through to them, by way of nginx? */
  readonly reachable: boolean;
}

/** Short in a test run, long in `bun run test:faults`: 1,000 clients, 200 of them writing. FAULT_LONG has one such round again. */
export const isLong = rounds >= 100 || process.env.FAULT_LONG !== undefined;
const size = isLong ? { groups: 100, writers: 2, readers: 8 } : { groups: 10, writers: 2, readers: 4 };
export const clients = size.groups * (size.writers + size.readers);
const shortPaceMs = 100;
/** A test run has no time for five rounds of everything; a long one has longer rounds, for a thousand clients take their time to begin. */
export const clusterRounds = isLong ? Math.ceil(rounds / 10) : Math.ceil(rounds / 5) === 1 ? 1 : rounds;
const quietMs = 1_000;

export interface RoundResult {
  readonly figures: Figures;
  /** From the end of each fault until everybody heard what every node wrote. */
  readonly healsMs: readonly number[];
  /** The same from its beginning, of those that serve on. */
  readonly meanwhileMs: readonly number[];
  readonly faults: number;
}

export interface Round {
  /** A part of its people's names, for one cluster sees many loads. */
  readonly name: string;
  readonly seed: number;
  readonly flaps: boolean;
  /** Acknowledged ones, of all clients together; the faults are spread over them. */
  readonly mutations: number;
  /** Between two of a writer's, about; absent: as fast as it goes, in a long run. */
  readonly paceMs?: number;
}

/** What goes wrong, in which order. The seeds of rounds follow each other. */
export type Draw = (cluster: Cluster, random: Random, seed: number) => readonly ClusterFault[];

/** Runs the load through the faults, one after the other, and judges. Throws with the faults so far. */
export async function runRound(
  cluster: Cluster,
  { name, seed, flaps, mutations, paceMs = isLong ? undefined : shortPaceMs }: Round,
  faults: Draw,
): Promise<RoundResult> {
  const random = createRandom(seed);
  const schedule = faults(cluster, random, seed);
  const loads: Load[] = [];
  const over = Promise.withResolvers<void>();
  over.promise.catch(() => {}); // told by the group that failed first
  const [healsMs, meanwhileMs]: [number[], number[]] = [[], []];
  const told: string[] = [];
  const group = (index: number): Promise<Figures> =>
    runLoad(
      [cluster],
      {
        ...size,
        seed,
        projects: 1,
        project: `${initialsOf(index)} `,
        group: `${name}-${index}-`,
        mutations: Number.POSITIVE_INFINITY,
        window: 2,
        paceMs,
        flaps,
        quietMs,
      },
      async (load) => {
        loads.push(load);
        if (loads.length === size.groups)
          runFaults(cluster, loads, { schedule, seed, mutations, healsMs, meanwhileMs, told }).then(
            over.resolve,
            over.reject,
          );
        await over.promise;
        load.stop();
      },
    );
  const groups = Array.from({ length: size.groups }, (_, index) =>
    group(index).catch((error: unknown) => {
      over.reject(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(groups);
  const failed = results.find((result) => result.status === "rejected");
  const again = `FAULT_SEED=${seed} FAULT_ROUNDS=1${isLong ? " FAULT_LONG=1" : ""} has it again`;
  if (failed) throw new Error(`after ${told.join(", ")} (${again}): ${failed.reason}`, { cause: failed.reason });
  const figures = total(results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
  return { figures, healsMs, meanwhileMs, faults: schedule.length };
}

/** Two words of one letter. */
const initialsOf = (index: number): string =>
  [Math.floor(index / 26), index % 26].map((letter) => String.fromCharCode(65 + letter)).join(" ");

interface Course {
  readonly schedule: readonly ClusterFault[];
  readonly seed: number;
  readonly mutations: number;
  readonly healsMs: number[];
  readonly meanwhileMs: number[];
  /** The faults so far, in words. */
  readonly told: string[];
}

async function runFaults(cluster: Cluster, loads: readonly Load[], course: Course): Promise<void> {
  const { schedule, mutations, healsMs, meanwhileMs, told } = course;
  const probes = await startProbes(cluster, loads, course.seed);
  try {
    await probes.everybody(cluster.nodes);
    for (const [index, fault] of schedule.entries()) {
      await acked(loads, (mutations * (index + 1)) / (schedule.length + 1));
      told.push(fault.name);
      await fault.begin();
      const lasts = Bun.sleep(fault.lastsMs); // how long a fault lasts is a part of it
      if (fault.serving.length > 0)
        meanwhileMs.push(fault.reachable ? await probes.everybody(fault.serving) : await probes.nodes(fault.serving));
      await lasts;
      await fault.end();
      healsMs.push(await probes.everybody(cluster.nodes));
      told.push(`healed in ${healsMs.at(-1)} ms`);
    }
    await acked(loads, mutations);
  } finally {
    probes.stop();
  }
}

/** Settles when all groups together have so many mutations acknowledged. */
async function acked(loads: readonly Load[], count: number): Promise<void> {
  const sum = () => loads.reduce((all, { ledger }) => all + ledger.acks.length, 0);
  const [first] = loads;
  while (first && sum() < count) await first.acked(first.ledger.acks.length + 1);
}

interface Probes {
  /** From now until what is written at each of the nodes is heard at all of them, in ms. */
  nodes(nodes: readonly ClusterNode[]): Promise<number>;
  /** And until every client of the load has heard what is written through nginx. */
  everybody(nodes: readonly ClusterNode[]): Promise<number>;
  stop(): void;
}

/** A reader at each node, past nginx, in the project of the first group. */
async function startProbes(cluster: Cluster, loads: readonly Load[], seed: number): Promise<Probes> {
  const projectOf = (load: Load | undefined): string => load?.targets[0]?.projectId ?? "";
  const home = projectOf(loads[0]);
  const tokens = await Promise.all(loads.map(({ group }) => cluster.token(`${group}writer-1`)));
  const token = tokens[0] ?? "";
  const readers = new Map<ClusterNode, Reader>();
  for (const [index, node] of cluster.nodes.entries()) {
    const random = createRandom(seed * 37 + index);
    const { url } = node.server;
    const name = `probe at ${url}`;
    readers.set(
      node,
      startReader({ name, url, token, projectIds: [home], random, begin: "log", flaps: false, quietMs }),
    );
  }
  const heard = async (listeners: readonly (Reader | undefined)[], projectId: string, seq: number): Promise<void> => {
    const where = () =>
      listeners.map((reader) => `${reader?.name} ${reader?.followed(projectId)?.state.seq}`).join(", ");
    await inTime(Promise.all(listeners.map((reader) => reader?.reached(projectId, seq))), `event ${seq}`, where);
  };
  const nodes = async (among: readonly ClusterNode[]): Promise<void> => {
    const seqs = await Promise.all(among.map(({ server }) => writeOnce(server.url, token, home)));
    await heard(
      among.map((node) => readers.get(node)),
      home,
      Math.max(...seqs),
    );
  };
  const clients = async (): Promise<void> => {
    const write = async (load: Load, index: number) => {
      const seq = await writeOnce(cluster.url, tokens[index] ?? "", projectOf(load));
      await heard(load.readers, projectOf(load), seq);
    };
    await Promise.all(loads.map(write));
  };
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const startedAt = performance.now();
    await work;
    return Math.round(performance.now() - startedAt);
  };
  return {
    nodes: (among) => timed(nodes(among)),
    everybody: (among) => timed(Promise.all([nodes(among), clients()])),
    stop() {
      for (const reader of readers.values()) reader.stop();
    },
  };
}

/** Creates a task, asking again until it is answered; its event's number. */
async function writeOnce(url: string, token: string, projectId: string): Promise<number> {
  const mutation_id = Bun.randomUUIDv7();
  for (;;) {
    try {
      const client = await openClient({ url, token, quietMs });
      const request = { project_id: projectId, title: "Is it whole again?", mutation_id };
      const { seq } = await client.request("task_create", request).finally(() => client.close());
      return seq;
    } catch (error) {
      const passing = error instanceof Refused && error.error.code === "unavailable";
      if (!(error instanceof ConnectionLost || passing)) throw error;
      await Bun.sleep(20); // the client's own backoff
    }
  }
}
