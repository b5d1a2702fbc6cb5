/** One run: clients that work, break off, reload and come back, after a seed; then everything settles and is compared. */
import {
  createTaskwire,
  type OutboxStorage,
  type ProjectStore,
  type TaskDetail,
  type Taskwire,
  type Write,
} from "../../../src/client/index.ts";
import { createMovableClock } from "../../support/clock.ts";
import { createRandom, type Random } from "../../support/random.ts";
import { createSimulation, type Simulation } from "./server.ts";

const statuses = ["todo", "review", "completed"];
const lastWord = "last";
/** Everything settles within this time of the simulation: several waits of 20 s, and the silence before a `ping`. */
const settledMostMs = 300_000;

/** A storage that outlives the page: of one window. */
function createStorage(made: Set<string>) {
  const kept = new Map<string, Write>();
  return (): OutboxStorage => ({
    take: async () => [...kept.values()],
    put(_, write) {
      made.add(write.mutationId);
      kept.set(write.mutationId, write);
    },
    remove: (mutationId) => void kept.delete(mutationId),
    close() {},
  });
}

function createWindow(
  user: string,
  simulation: Simulation,
  clock: ReturnType<typeof createMovableClock>,
  random: Random,
) {
  const way = simulation.createNetwork(user);
  const made = new Set<string>();
  const refused = new Set<string>();
  const faults: string[] = [];
  const storage = createStorage(made);
  let client: Taskwire;
  let store: ProjectStore | undefined;
  let open: TaskDetail | undefined;

  const load = (): void => {
    store = undefined;
    open = undefined;
    let last = 0;
    client = createTaskwire({
      url: "http://simulation",
      token: user,
      WebSocket: way.WebSocket,
      fetch: way.fetch,
      clock,
      random: () => random.int(1_000_000) / 1_000_000,
      outbox: storage(),
      debug: process.env.FAULT_TRACE ? (line) => console.log(clock.now(), user, line) : false,
    });
    client.onRefused(({ write, error }) => {
      refused.add(write.mutationId);
      if (error.code !== "not_found" && error.code !== "conflict")
        faults.push(`${write.event} was refused: ${error.code}`);
    });
    for (const event of ["task_created", "task_updated", "task_status_changed", "comment_added"] as const) {
      client.on(event, (_, { seq = 0 }) => {
        if (seq <= last) faults.push(`${event} ${seq} came after ${last}`);
        last = seq;
      });
    }
    client.joinProject("p").then(
      (joined) => {
        store = joined;
      },
      () => {},
    );
  };
  load();

  let count = 0;
  /** A write of some kind, whose refusal `onRefused` tells; undefined where a task was opened instead. */
  const write = (joined: ProjectStore, name: string): Promise<unknown> | undefined => {
    const tasks = [...joined.tasks.value.keys()];
    const kind = random.int(tasks.length === 0 ? 1 : 10);
    if (kind === 0) return client.createTask("p", { title: name });
    const id = random.pick(tasks);
    if (kind <= 2) return client.updateTask(id, { title: name });
    if (kind === 3) return client.updateTask(id, { description: name }, joined.tasks.value.get(id));
    if (kind <= 5) return client.updateTaskStatus(id, random.pick(statuses));
    if (kind === 6) return client.moveTask(id, { status: random.pick(statuses) });
    if (kind === 7 && random.chance(0.3)) return client.deleteTask(id);
    if (open && open.task.value !== null) return writeToTask(open, name);
    open?.close();
    open = joined.openTask(id);
    open.comments.items.subscribe(() => {});
    open.checklist.subscribe(() => {});
    return undefined;
  };
  const writeToTask = (task: TaskDetail, name: string): Promise<unknown> => {
    const comment = task.comments.items.value?.find(({ author_id }) => author_id === user);
    const item = task.checklist.value?.[0];
    const kind = random.int(4);
    if (kind === 0) return task.addComment(name);
    if (kind === 1 && comment) return task.editComment(comment.id, name);
    if (kind === 2 && item) return task.toggleChecklistItem(item.id, !item.done);
    return task.addChecklistItem(name);
  };
  const act = (): void => {
    if (store && client.user.value !== null) write(store, `${user} ${++count}`)?.catch(() => {});
  };

  return {
    user,
    way,
    made,
    refused,
    faults,
    act,
    get client() {
      return client;
    },
    get store() {
      return store;
    },
    get open() {
      return open;
    },
    /** The page ends without a word, and is there again. */
    reload(): void {
      if (client.user.value === null) return;
      client.close();
      load();
    },
  };
}

/** Lets everything that waits for no time run. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Plays one seed; answers what is wrong in the end, nothing where all is well, and how much was done. */
export async function play(seed: number, steps = 80): Promise<{ wrong: string[]; writes: number; conflicts: number }> {
  const random = createRandom(seed);
  const clock = createMovableClock();
  const simulation = createSimulation(clock, random);
  const windows = ["ana", "ana", "ben"].map((user) => createWindow(user, simulation, clock, random));
  for (let step = 0; step < steps; step++) {
    disturb(simulation, random.pick(windows), random);
    for (const window of windows) if (random.chance(0.5)) window.act();
    clock.advance(random.chance(0.1) ? random.int(60_000) : random.int(400));
    await settle();
  }
  simulation.faults.frames = false;
  for (const { way, client } of windows) {
    way.mend();
    client.resume();
  }
  // The last word of the server, without losses: a frame lost before it shows as a gap by this one, if by nothing else.
  simulation.log.write("task_create", { id: lastWord, title: "last", mutation_id: "last" }, "server");
  simulation.publish();
  const isQuiet = () => windows.every(hasSettled);
  const until = clock.now() + settledMostMs;
  for (let quiet = 0; quiet < 40 && clock.now() < until; quiet = isQuiet() ? quiet + 1 : 0) {
    clock.advance(200);
    await settle();
  }
  const wrong = windows.flatMap((window, index) =>
    compare(window, simulation).map((line) => `window ${index}: ${line}`),
  );
  wrong.push(...doubles(simulation));
  const conflicts = windows.reduce((sum, { client }) => sum + client.conflicts.value.length, 0);
  for (const { client } of windows) client.close();
  return { wrong, writes: simulation.log.answered.size, conflicts };
}

type Window = ReturnType<typeof createWindow>;

/** It is live, waits for nothing, and has read what is open. */
function hasSettled({ client, store, open }: Window): boolean {
  if (client.connection.state.value !== "live" || client.waiting.value.length > 0) return false;
  const isRead = open?.state.value !== "open" || (open.comments.items.value && open.checklist.value);
  return store?.pending.value.size === 0 && store.tasks.value.has(lastWord) && Boolean(isRead);
}

function disturb(simulation: Simulation, window: Window, random: Random): void {
  const kind = random.int(40);
  if (kind < 4) window.way.cut(random.chance(0.4));
  else if (kind < 12) window.way.mend();
  else if (kind === 12) simulation.restart();
  else if (kind === 13) simulation.forget(random.chance(0.3));
  else if (kind === 14) window.reload();
}

function compare({ client, store, open, made, refused, faults, user }: Window, { log }: Simulation): string[] {
  const wrong = [...faults];
  const same = (what: string, a: unknown, b: unknown): void => {
    if (!Bun.deepEquals(a, b)) wrong.push(`${what} differ:\n${JSON.stringify(a)}\n${JSON.stringify(b)}`);
  };
  if (client.connection.state.value !== "live") wrong.push(`it is ${client.connection.state.value}`);
  if (client.waiting.value.length > 0) wrong.push(`${client.waiting.value.length} writes wait`);
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  same("tasks", [...(store?.tasks.value.values() ?? [])].sort(byId), [...log.tasks.values()].sort(byId));
  const none = { comments: 0, checklist_done: 0, checklist_total: 0 };
  for (const id of log.tasks.keys()) same("counts", store?.counts.value.get(id) ?? none, log.countsOf(id));
  if (open && log.tasks.has(open.taskId)) {
    const bare = (list: readonly { pending: boolean }[] | null) => list?.map(({ pending: _, ...item }) => item);
    same("comments", bare(open.comments.items.value), log.commentsOf(open.taskId));
    same("checklists", bare(open.checklist.value), log.checklistOf(open.taskId));
  }
  for (const key of made) {
    if (!log.answered.has(`${user} ${key}`) && !refused.has(key)) wrong.push(`write ${key} was lost`);
  }
  return wrong;
}

/** Every write makes one event, or none where nothing changed. */
function doubles({ log }: Simulation): string[] {
  const seen = new Set<string>();
  return log.events.flatMap(({ mutation_id = "", event, seq }) => {
    if (!seen.has(mutation_id)) {
      seen.add(mutation_id);
      return [];
    }
    return [`${event} ${seq} was made twice`];
  });
}
