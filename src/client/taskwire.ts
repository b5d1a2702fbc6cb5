/** The client: a connection, the rooms that are followed over it, the stores they feed, the writes on their way. */
import type { ServerFrame } from "../protocol/event.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Conflict, createConflicts, rebased } from "./conflicts.ts";
import { type Connection, createConnection } from "./connection.ts";
import { createDebug, type DebugOption } from "./debug.ts";
import { TaskwireError } from "./errors.ts";
import { createFollowing } from "./following.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import { createListeners, type On } from "./listeners.ts";
import { watchNetwork } from "./network.ts";
import { callSafely, type Observable } from "./observable.ts";
import type { Write, WriteAnswer } from "./optimistic.ts";
import { createOutbox, type OutboxHooks } from "./outbox.ts";
import { type OutboxStorage, openOutboxStorage, storageParts } from "./outbox-storage.ts";
import { createProjects } from "./projects.ts";
import { createRest, type Rest } from "./rest.ts";
import { callOf, isRestWrite } from "./rest-writes.ts";
import { createSelf, type Self } from "./self.ts";
import type { SocketConstructor } from "./socket.ts";
import type { ProjectStore } from "./stores.ts";
import { restated } from "./structure.ts";
import { createTokens, type TokenSource } from "./tokens.ts";
import { createWrites, type Writes } from "./writes.ts";

export interface TaskwireOptions {
  /** Scheme, host and port of the server. In a page its own, if absent. */
  readonly url?: string;
  /** A token, or what answers one each time it is needed. Absent: the page's session cookie speaks. */
  readonly token?: TokenSource;
  /** For runtimes without a global one (Node 20: the package `ws`). */
  readonly WebSocket?: SocketConstructor;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock?: Clock;
  /** From [0, 1). */
  readonly random?: () => number;
  /** Says what is sent, heard and decided, on the console or to a function of one's own; never a token. */
  readonly debug?: DebugOption;
  /**
   * Where writes wait for the server: `indexeddb` (default where there is one) survives a reload of the page, `memory` does
   * not. One may give a storage of one's own.
   */
  readonly outbox?: "indexeddb" | "memory" | OutboxStorage;
}

/** A write that the server refused, be it of an earlier page. */
export interface Refused {
  readonly write: Write;
  readonly error: TaskwireError;
}

export interface Taskwire extends Writes {
  readonly connection: Pick<Connection, "state" | "offlineSince" | "refusal"> & {
    /** Events known to be still to come while it is `catching_up`; 0 otherwise. */
    readonly missing: Observable<number>;
  };
  /** Who is signed in; null until connected for the first time. */
  readonly user: Self["user"];
  /** Writes the server has not answered, oldest first. */
  readonly waiting: Observable<readonly Write[]>;
  /** Changes that met another's, until somebody decides. */
  readonly conflicts: Observable<readonly Conflict[]>;
  readonly inbox: Inbox;
  /** Calls `listener` for every write that the server refuses, those of an earlier page too. Answers the end of it. */
  onRefused(listener: (refused: Refused) => void): () => void;
  /** REST with the same identity. */
  readonly rest: Rest;
  /** Follows a project. Throws TaskwireError `not_found` for strangers; waits where the server cannot be reached. */
  joinProject(projectId: string): Promise<ProjectStore>;
  readonly on: On;
  /** How this person is shown to others; told again after a reconnect. */
  readonly setPresence: Self["setPresence"];
  /** After a refusal: this person has signed in again. Stores and waiting writes go on where they were. */
  resume(): void;
  /**
   * Ends the connection; writes that wait are rejected with `closed`. Those in IndexedDB are sent when the same person
   * connects again, unless they are to be discarded.
   */
  close(options?: { readonly discard?: boolean }): void;
}

/** Connects at once and stays connected until `close`, or until the server sends this client away. */
export function createTaskwire(options: TaskwireOptions = {}): Taskwire {
  const url = serverUrl(options);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const debug = createDebug(options.debug);
  const token = options.token === undefined ? undefined : createTokens(options.token);
  const rest = createRest({ url, token, fetch: options.fetch ?? ((input, init) => fetch(input, init)) });
  const { on, emit } = createListeners();
  const following = createFollowing({ behind: () => connection.fellBehind(), caughtUp: () => connection.caughtUp() });

  const connection: Connection = createConnection({
    url: `${url.replace(/^http/, "ws")}/ws`,
    WebSocket: socketConstructor(options),
    clock,
    random,
    debug,
    async authorize(fresh) {
      // What cannot be renewed (a cookie, a fixed token) is tried over HTTP, which tells a refusal from a dead network.
      if (fresh && typeof options.token !== "function") await rest.request("GET", "/api/me");
      return token?.(fresh);
    },
    hooks: {
      welcomed(connected) {
        if (self.user.value && self.user.value.id !== connected.user.id) forgetPerson();
        self.welcome(connected);
        void outbox.use(connected.user.id);
      },
      catchUp: () => following.catchUp(),
      replay: () => outbox.open(),
      lost() {
        following.lost();
        projects.lost();
        outbox.close();
      },
      frame: (frame) => receive(frame),
    },
  });
  const shared = { connection, following, rest, clock, random, emit };
  const refusals = new Set<(refused: Refused) => void>();
  const hooks: OutboxHooks = {
    adopted(writes) {
      for (const write of writes) for (const input of inputs()) input.show(write);
    },
    settled(write, { seq }) {
      for (const input of inputs()) input.settle(write, seq);
    },
    refused(write, error) {
      debug.refused(write, error);
      for (const input of inputs()) input.forget(write.mutationId);
      conflicts.refused(write, error);
      for (const listener of [...refusals]) callSafely(() => listener({ write, error }));
    },
    amend: (write, error) => rebased(write, error) ?? restated(write, error),
  };
  const outbox = createOutbox({
    send: (write) => send(connection, rest, write),
    clock,
    random,
    storage: storageOf(options, url, clock),
    hooks,
  });
  const userId = () => self.user.value?.id ?? "";
  const {
    writes,
    detailVerbs,
    send: sendRest,
  } = createWrites({
    outbox,
    inputs: () => inputs(),
    statuses: (id) => projects.find(id)?.columns.value.map(({ status }) => status) ?? [],
    clock,
    userId,
  });
  const conflicts = createConflicts(writes.updateTask);
  const inbox = createInbox({ rest, send: sendRest, clock, random });
  const projects = createProjects({
    ...shared,
    waiting: () => outbox.waiting.value,
    me: () => self.user.value,
    verbs: detailVerbs,
  });
  const inputs = () => [...projects.inputs(), inbox];
  const self = createSelf({
    ...shared,
    apply(event) {
      inbox.apply(event);
      emit(event);
    },
    reset: inbox.reload,
    joined: inbox.retry,
  });
  const forgetPerson = (): void => {
    conflicts.clear();
    inbox.reload();
  };

  const receive = (frame: ServerFrame): void => {
    if (following.receive(frame)) return;
    projects.hear(frame);
    emit(frame);
  };
  if (token) on("token_expiring", () => void renew(connection, token));
  on("project_left", ({ project_id }) => projects.close(project_id, "left"));
  const stopWatching = watchNetwork(() => connection.nudge());
  connection.start();

  return {
    ...writes,
    connection: { ...connection, missing: following.missing },
    user: self.user,
    waiting: outbox.waiting,
    conflicts: conflicts.list,
    inbox: inbox.inbox,
    onRefused(listener) {
      refusals.add(listener);
      return () => void refusals.delete(listener);
    },
    rest,
    joinProject: projects.join,
    on,
    setPresence: self.setPresence,
    resume: connection.start,
    close({ discard = false } = {}) {
      stopWatching();
      connection.stop();
      const error = new TaskwireError("closed", "the client was closed");
      projects.closeAll(error);
      inbox.close();
      outbox.abandon(error, discard);
    },
  };
}

/** Over the socket where there is a frame for it, else over HTTP with the same mutation id. */
async function send(connection: Connection, rest: Rest, write: Write): Promise<WriteAnswer> {
  if (!isRestWrite(write)) return connection.request(write.event, write.data);
  const { method, path, body } = callOf(write);
  await rest.request(method, path, { ...body, mutation_id: write.mutationId });
  return {};
}

function storageOf({ outbox }: TaskwireOptions, url: string, clock: Clock): OutboxStorage | undefined {
  if (outbox === "memory") return undefined;
  if (typeof outbox === "object") return outbox;
  const parts = storageParts();
  return parts && openOutboxStorage(parts, url, clock.now);
}

/** A new token in the same connection. Where that fails, the server closes with 4401 and the client comes back (S10). */
async function renew(connection: Connection, token: (fresh: boolean) => Promise<string>): Promise<void> {
  try {
    await connection.request("authenticate", { token: await token(true) });
  } catch {
    // The old token holds for its last minute; nothing is lost yet.
  }
}

function serverUrl({ url }: TaskwireOptions): string {
  const given = url ?? globalThis.location?.origin;
  if (given === undefined) throw new TypeError("createTaskwire needs the option `url` outside of a page");
  return given.replace(/\/+$/, "");
}

function socketConstructor({ WebSocket }: TaskwireOptions): SocketConstructor {
  const found = WebSocket ?? globalThis.WebSocket;
  if (found === undefined) {
    throw new TypeError("this runtime has no WebSocket: give createTaskwire the option `WebSocket` (the package ws)");
  }
  return found;
}
