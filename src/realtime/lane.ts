/**
 * The lane: group commit for the hot verbs. Commands that arrive while a statement is in flight are collected across
 * rooms and run as the next one; each is answered after its commit. See docs/architecture.md.
 */
import { type Actor, actorText, type CommittedEvent, type Mutation } from "../db/context.ts";
import { type Database, sqlState } from "../db/open.ts";
import { AppError } from "../protocol/errors.ts";
import { projectRoom } from "../protocol/rooms.ts";
import { fieldBits, type LaneField, laneFields, laneSql } from "./lane-sql.ts";

/** New values by column; times as RFC 3339 text. Absent: unchanged. */
export type TaskSet = { readonly [Field in LaneField]?: unknown };

export interface LaneCommand {
  readonly projectId: string;
  /** Revision of the ProjectAccess this command was allowed by. */
  readonly revision: number;
  readonly taskId: string;
  readonly actor: Actor;
  readonly mutation: Mutation | undefined;
  /** Refused unless the task is at this version. */
  readonly version?: number | undefined;
  readonly set?: TaskSet;
  /** Does the status in `set` mean done? */
  readonly done?: boolean | undefined;
  readonly comment?: { readonly id: string; readonly content: string };
  /** The task is new, and `set` what it is given beside its number. Alone: with `version` or `comment` it means nothing. */
  readonly create?: {
    /** Of its position, behind what its number gives (`endTail`). */
    readonly tail: string;
  };
}

/**
 * `done`: committed, with its events. `unchanged`: nothing to change, no event. `applied`: this mutation id was
 * applied before. `stale`: the project changed since the command was allowed; decide again. `refused`: no such task, or
 * not at the wanted version. `taken`: the id of the comment, or of the new task, exists.
 */
export type LaneResult =
  | {
      readonly outcome: "done";
      readonly body: string;
      readonly seq: number;
      readonly events: readonly CommittedEvent[];
    }
  | { readonly outcome: "unchanged"; readonly seq: number }
  | { readonly outcome: "applied" | "stale" | "refused" | "not_found" | "taken" };

export interface Lane {
  /** Throws `unavailable` where the answer was lost: the write may have been applied, a retry by mutation id tells. */
  submit(command: LaneCommand): Promise<LaneResult>;
  /** Settles when everything submitted so far is answered. */
  drain(): Promise<void>;
}

export interface LaneOptions {
  readonly database: Database;
  /** Told of a batch's events in the tick its commit is known, before any of its commands is answered. */
  readonly committed: (events: readonly CommittedEvent[]) => void;
  readonly maxBatch?: number;
  /** Told of every batch: its commands, those that wait behind it, and how long it took. */
  readonly ran?: (commands: number, waiting: number, seconds: number) => void;
}

interface Entry {
  readonly command: LaneCommand;
  readonly resolve: (result: LaneResult) => void;
  readonly reject: (error: unknown) => void;
}

interface LaneRow {
  i: number;
  event: string | null;
  seq: string | number;
  epoch: string;
  body: string;
  rest: string;
  at: string;
  head: string | number;
  outcome: "done" | "unchanged" | "applied" | "stale" | "refused" | "not_found";
}

export function createLane({ database, committed, maxBatch = 256, ran }: LaneOptions): Lane {
  let queue: Entry[] = [];
  let running = false;
  const idle: (() => void)[] = [];

  const pump = async (): Promise<void> => {
    let last = 0;
    while (queue.length > 0) {
      const { batch, rest } = takeBatch(queue, Math.min(maxBatch, shareOf(queue.length, last)));
      queue = rest;
      last = batch.length;
      const startedAtMs = performance.now();
      await run(batch);
      ran?.(batch.length, queue.length, (performance.now() - startedAtMs) / 1000);
    }
    running = false;
    for (const resolve of idle.splice(0)) resolve();
  };

  const run = async (batch: readonly Entry[]): Promise<void> => {
    let rows: LaneRow[];
    try {
      const { input, text } = encodeBatch(batch);
      rows = await database.guard(() => database.lane.unsafe<LaneRow[]>(text, [input], { prepare: true }));
    } catch (error) {
      await refuse(batch, error);
      return;
    }
    try {
      settle(batch, rows, committed);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  };

  /** A database error concerns one command; halving finds it and lets the others through. */
  const refuse = async (batch: readonly Entry[], error: unknown): Promise<void> => {
    const [only] = batch;
    const lost = error instanceof AppError;
    if (batch.length > 1 && !lost) {
      const half = batch.length >> 1;
      await run(batch.slice(0, half));
      await run(batch.slice(half));
    } else if (only && !lost && isTwin(error, "events_mutation")) only.resolve({ outcome: "applied" });
    else if (only && !lost && (isTwin(error, "comments_pkey") || isTwin(error, "tasks_pkey")))
      only.resolve({ outcome: "taken" });
    else for (const entry of batch) entry.reject(error);
  };

  return {
    submit(command) {
      return new Promise<LaneResult>((resolve, reject) => {
        queue.push({ command, resolve, reject });
        if (running) return;
        running = true;
        // The rest of this tick's frames join the first batch.
        queueMicrotask(() => void pump());
      });
    },
    drain: () => (running ? new Promise<void>((resolve) => idle.push(resolve)) : Promise.resolve()),
  };
}

/** A smaller batch would cost the database more than is won by not waiting. */
const shareMin = 4;

/**
 * Clients that wait for their answers come again as soon as they have them. If one batch took all that waits, the next would
 * be empty: the database would rest while this process tells the rooms of the first, and this process while the database
 * writes. So a batch takes half of those who wait and of those who were just answered; both then work at the same time.
 */
const shareOf = (waiting: number, answered: number): number => Math.max(shareMin, Math.ceil((waiting + answered) / 2));

/** At most one command a task; a room's later commands wait behind one that has to wait, so its order holds. */
function takeBatch(queue: readonly Entry[], maxBatch: number): { batch: Entry[]; rest: Entry[] } {
  const batch: Entry[] = [];
  const rest: Entry[] = [];
  const tasks = new Set<string>();
  const waiting = new Set<string>();
  for (const entry of queue) {
    const { taskId, projectId } = entry.command;
    if (batch.length < maxBatch && !tasks.has(taskId) && !waiting.has(projectId)) {
      tasks.add(taskId);
      batch.push(entry);
    } else {
      waiting.add(projectId);
      rest.push(entry);
    }
  }
  return { batch, rest };
}

// An actor's JSON is the same for all its commands.
const actorTexts = new WeakMap<Actor, string | null>();
function keptActorText(actor: Actor): string | null {
  let text = actorTexts.get(actor);
  if (text === undefined) {
    text = actorText(actor);
    actorTexts.set(actor, text);
  }
  return text;
}

const statusBit = fieldBits.status;
const otherBits = Object.entries(fieldBits).filter(([, bit]) => bit !== statusBit);

function maskOf(set: TaskSet): number {
  const values: Readonly<Record<string, unknown>> = set;
  let mask = set.status === undefined ? 0 : statusBit;
  for (const [field, bit] of otherBits) if (values[field] !== undefined) mask |= bit;
  return mask;
}

/** The statements by what they can do; a batch takes the smallest that fits. */
const statements = {
  place: laneSql({ fields: ["status", "position"], comments: false, creates: false }),
  dates: laneSql({ fields: ["due_at", "all_day"], comments: false, creates: false }),
  comments: laneSql({ fields: [], comments: true, creates: false }),
  creates: laneSql({ fields: [], comments: false, creates: true }),
  changes: laneSql({ fields: laneFields, comments: true, creates: false }),
  any: laneSql({ fields: laneFields, comments: true, creates: true }),
} as const;

/** For batches that all set one and the same field, as most do; by the field's bit. */
const single = new Map<number, string>();
for (const field of laneFields)
  if (field !== "due_at" && field !== "all_day")
    single.set(fieldBits[field], laneSql({ fields: [field], comments: false, creates: false }));

export const laneStatements: Readonly<Record<string, string>> = {
  ...statements,
  ...Object.fromEntries([...single].map(([bit, text]) => [`field ${bit}`, text])),
};

const within = (masks: number, bits: number): boolean => (masks & ~bits) === 0;

/** What the commands of a batch do, together. */
interface BatchContents {
  masks: number;
  comments: boolean;
  creates: boolean;
  /** Something else than creating. */
  changes: boolean;
}

function statementFor({ masks, comments, creates, changes }: BatchContents): string {
  if (creates) return changes ? statements.any : statements.creates;
  if (comments) return masks === 0 ? statements.comments : statements.changes;
  const one = single.get(masks);
  if (one !== undefined) return one;
  if (within(masks, statusBit | fieldBits.position)) return statements.place;
  return masks !== 0 && within(masks, fieldBits.due_at | fieldBits.all_day) ? statements.dates : statements.changes;
}

function encodeBatch(batch: readonly Entry[]): { input: string; text: string } {
  const contents: BatchContents = { masks: 0, comments: false, creates: false, changes: false };
  const commands = batch.map(({ command: c }, i) => {
    const mask = c.set && !c.create ? maskOf(c.set) : 0;
    contents.masks |= mask;
    contents.comments ||= c.comment !== undefined;
    contents.creates ||= c.create !== undefined;
    contents.changes ||= c.create === undefined;
    return {
      ...c.set,
      i,
      room: c.projectId,
      rev: c.revision,
      task: c.taskId,
      actor_id: c.actor.id,
      actor: keptActorText(c.actor),
      m: c.mutation?.id,
      h: c.mutation?.hash.toString(),
      v: c.version,
      mask,
      done: c.done,
      tail: c.create?.tail,
      comment: c.comment?.id,
      content: c.comment?.content,
      author: c.comment && authorText(c.actor),
    };
  });
  return { input: JSON.stringify(commands), text: statementFor(contents) };
}

const authorText = (actor: Actor): string =>
  JSON.stringify({ id: actor.id, name: actor.name, avatar_url: actor.avatarUrl, role: actor.role });

function settle(batch: readonly Entry[], rows: readonly LaneRow[], committed: LaneOptions["committed"]): void {
  const results: LaneResult[] = new Array(batch.length);
  const all: CommittedEvent[] = [];
  for (let at = 0; at < rows.length; ) {
    const row = rows[at];
    const command = row && batch[row.i]?.command;
    if (!row || !command) throw new Error("the lane's statement answered for a command it was not given");
    const events: CommittedEvent[] = [];
    for (; rows[at]?.i === row.i; at++) {
      const event = rows[at];
      if (event?.event) events.push(toEvent(command, event));
    }
    const last = events.at(-1);
    if (last) {
      all.push(...events);
      results[row.i] = { outcome: "done", body: row.body, seq: last.seq, events };
    } else if (row.outcome === "unchanged") results[row.i] = { outcome: "unchanged", seq: Number(row.head) };
    else if (row.outcome !== "done") results[row.i] = { outcome: row.outcome };
  }
  committed(all);
  batch.forEach((entry, i) => {
    const result = results[i];
    if (result) entry.resolve(result);
    else entry.reject(new Error("the lane's statement left a command without an answer"));
  });
}

const toEvent = (command: LaneCommand, row: LaneRow): CommittedEvent => ({
  room: projectRoom(command.projectId),
  roomId: command.projectId,
  seq: Number(row.seq),
  event: row.event ?? "",
  at: row.at,
  actor: keptActorText(command.actor),
  mutationId: command.mutation?.id ?? null,
  data: `${row.event === "comment_added" ? '{"comment":' : '{"task":'}${row.body}${row.rest}`,
  epoch: row.epoch,
});

function isTwin(error: unknown, constraint: string): boolean {
  const named = typeof error === "object" && error !== null && "constraint_name" in error ? error.constraint_name : "";
  return sqlState(error) === "23505" && named === constraint;
}
