/**
 * Many connections, one backend.
 *
 * PGlite is a single session. A connection that has begun something owns it until an answer ends with ReadyForQuery
 * "idle"; the others' units wait. Between transactions the connections take turns. Everything that ran together is made
 * durable once (`settle`), and only then are its answers sent.
 */
import {
  closeStatement,
  concat,
  copyFail,
  errorResponse,
  query,
  readOpening,
  readOutput,
  type Status,
  sync,
  takeUnit,
  type Unit,
} from "./frames.ts";

export interface Backend {
  readonly hello: Uint8Array;
  exec(bytes: Uint8Array): Promise<Uint8Array>;
  settle(): void;
}

export interface PipeOptions {
  backend: Backend;
  /** Hands an answer to a connection. */
  send(connection: number, bytes: Uint8Array): void;
  /** Tells a connection that it is closed. */
  close(connection: number): void;
  /** Takes in what has arrived meanwhile (calls `receive` and `drop`). */
  poll(): void;
  /** Called around each unit: for the watchdog. */
  busy(is: boolean): void;
  /** Called when nobody owns the backend, before and after a batch: for work of the engine's own. */
  rest(): Promise<void>;
  /** Called after the session was reset because the last connection had gone. */
  reset(): Promise<void>;
  /** May replace an error, by its SQLSTATE. */
  rewrite(sqlstate: string): Uint8Array | undefined;
  /** How long a transaction may wait for its client. */
  idleTransactionTimeoutMs: number;
}

export interface Pipe {
  receive(connection: number, bytes: Uint8Array): void;
  drop(connection: number): void;
  /** Runs everything that can run. Never runs twice at once. */
  run(): Promise<void>;
  /** Nobody owns the backend and nothing waits. */
  readonly idle: boolean;
}

interface Connection {
  readonly id: number;
  open: boolean;
  dropped: boolean;
  pending: Uint8Array;
  units: Unit[];
  statements: Set<string>;
}

/** Answers are held back for their common fsync no longer than this. */
const batchMs = 4;
const batchBytes = 1024 * 1024;

const nothing = new Uint8Array(0);

export function createPipe(options: PipeOptions): Pipe {
  const { backend } = options;
  const connections = new Map<number, Connection>();
  let newest = 0;
  let owner: Connection | undefined;
  let status: Status = "idle";
  let running = false;
  let impatience: Timer | undefined;
  const answers = new Map<number, Uint8Array[]>();
  let answered = 0;

  const answer = (id: number, bytes: Uint8Array) => {
    if (bytes.length === 0) return;
    answered += bytes.length;
    const waiting = answers.get(id);
    if (waiting) waiting.push(bytes);
    else answers.set(id, [bytes]);
  };

  const deliver = () => {
    backend.settle();
    for (const [id, parts] of answers) options.send(id, concat(parts));
    answers.clear();
    answered = 0;
  };

  const exec = async (bytes: Uint8Array, from: number | undefined): Promise<Status | undefined> => {
    options.busy(true);
    const output = readOutput(await backend.exec(bytes), options.rewrite);
    options.busy(false);
    if (from !== undefined) answer(from, output.own);
    for (const other of connections.values()) {
      if (other.id === from || !other.open) continue;
      for (const notification of output.notifications) answer(other.id, notification);
    }
    return output.status;
  };

  /** Ends what a vanished connection left behind. */
  const clean = async (connection: Connection) => {
    connections.delete(connection.id);
    if (owner === connection) {
      status = (await exec(sync, undefined)) ?? "idle";
      if (status !== "idle") await exec(query("rollback"), undefined);
      owner = undefined;
      status = "idle";
    }
    if (connections.size === 0) {
      await exec(query("discard all"), undefined);
      await options.reset();
    } else if (connection.statements.size > 0) {
      await exec(concat([...[...connection.statements].map(closeStatement), sync]), undefined);
    }
  };

  const next = (): Connection | undefined => {
    if (owner) return owner.dropped || owner.units.length > 0 ? owner : undefined;
    for (const connection of connections.values()) {
      if (!connection.dropped && connection.units.length === 0) continue;
      // The last shall be next: a map keeps the order of insertion.
      connections.delete(connection.id);
      connections.set(connection.id, connection);
      return connection;
    }
    return undefined;
  };

  const step = async (connection: Connection) => {
    const unit = connection.dropped ? undefined : connection.units.shift();
    if (!unit || unit.terminate) {
      await clean(connection);
      if (unit) options.close(connection.id);
      return;
    }
    for (const name of unit.statements) connection.statements.add(name);
    const bytes = unit.copies ? withoutCopy(unit.bytes) : unit.bytes;
    // Flush has no ReadyForQuery: the client is in the middle of something.
    const after = await exec(bytes, connection.id);
    status = after ?? (status === "idle" ? "open" : status);
    owner = status === "idle" ? undefined : connection;
  };

  const work = async () => {
    if (!owner) await options.rest();
    for (let started = performance.now(), connection = next(); connection; ) {
      await step(connection);
      options.poll();
      connection = next();
      if (performance.now() - started < batchMs && answered < batchBytes) continue;
      deliver();
      if (!owner) await options.rest();
      started = performance.now();
    }
    deliver();
    if (!owner) await options.rest();
  };

  const watchOwner = () => {
    clearTimeout(impatience);
    impatience = undefined;
    const late = owner;
    if (!late) return;
    impatience = setTimeout(() => {
      // What arrived in the meantime is late by as much as this timer: it is taken in first.
      options.poll();
      if (owner !== late || late.units.length > 0 || late.dropped) return void pipe.run();
      const message = "terminating connection: a transaction waited too long for its next statement";
      options.send(late.id, errorResponse("FATAL", "25P03", message));
      options.close(late.id);
      late.dropped = true;
      void pipe.run();
    }, options.idleTransactionTimeoutMs);
  };

  const pipe: Pipe = {
    receive(id, bytes) {
      // Numbers rise: an old one that is not here was closed, and its client has not heard yet.
      const connection = connections.get(id) ?? (id > newest ? create(id) : undefined);
      if (!connection || connection.dropped) return;
      newest = Math.max(newest, id);
      connections.set(id, connection);
      connection.pending = connection.pending.length === 0 ? bytes : concat([connection.pending, bytes]);
      if (!connection.open && !openConnection(connection, backend, options)) return;
      for (let taken = takeUnit(connection.pending); taken; taken = takeUnit(connection.pending)) {
        connection.units.push(taken.unit);
        connection.pending = taken.rest;
      }
    },
    drop(id) {
      const connection = connections.get(id);
      if (!connection) return;
      connection.dropped = true;
      connection.units = [];
    },
    async run() {
      if (running) return;
      running = true;
      try {
        await work();
      } finally {
        running = false;
      }
      watchOwner();
    },
    get idle() {
      return !running && !owner && next() === undefined;
    },
  };
  return pipe;
}

const create = (id: number): Connection => ({
  id,
  open: false,
  dropped: false,
  pending: nothing,
  units: [],
  statements: new Set(),
});

/** Answers the packets before a session by itself: a new connection need not wait for another's transaction. */
function openConnection(connection: Connection, backend: Backend, { send, close }: PipeOptions): boolean {
  for (let opening = readOpening(connection.pending); opening; opening = readOpening(connection.pending)) {
    connection.pending = connection.pending.subarray(opening.length);
    if (opening.kind === "startup") {
      connection.open = true;
      send(connection.id, backend.hello);
      return true;
    }
    // A cancel request reaches the engine only when nothing runs any more: too late, so it is swallowed.
    if (opening.kind === "cancel") {
      close(connection.id);
      connection.dropped = true;
      return false;
    }
    send(connection.id, new TextEncoder().encode("N"));
  }
  return false;
}

/** COPY FROM STDIN would wait inside the engine for ever; with a CopyFail behind it, it fails as PostgreSQL lets it. */
function withoutCopy(bytes: Uint8Array): Uint8Array {
  const fail = copyFail("the embedded database takes no COPY FROM STDIN; insert many rows with one statement");
  const closing = bytes.length - sync.length;
  const endsWithSync = closing > 0 && sync.every((byte, index) => bytes[closing + index] === byte);
  return endsWithSync ? concat([bytes.subarray(0, closing), fail, sync]) : concat([bytes, fail]);
}
