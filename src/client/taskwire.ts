/** The client: a connection, the rooms that are followed over it, the stores they feed, the writes on their way. */
import type { ServerFrame } from "../protocol/event.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Connection, createConnection } from "./connection.ts";
import { TaskwireError } from "./errors.ts";
import { createFollowing } from "./following.ts";
import { createListeners, type On } from "./listeners.ts";
import { watchNetwork } from "./network.ts";
import type { Observable } from "./observable.ts";
import type { Write } from "./optimistic.ts";
import { createOutbox } from "./outbox.ts";
import { createProjects } from "./projects.ts";
import { createRest, type Rest } from "./rest.ts";
import { createSelf, type Self } from "./self.ts";
import type { SocketConstructor } from "./socket.ts";
import type { ProjectStore } from "./stores.ts";
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
}

export interface Taskwire extends Writes {
  readonly connection: Pick<Connection, "state" | "offlineSince" | "refusal">;
  /** Who is signed in; null until connected for the first time. */
  readonly user: Self["user"];
  /** Writes the server has not answered, oldest first. */
  readonly waiting: Observable<readonly Write[]>;
  /** REST with the same identity. */
  readonly rest: Rest;
  /** Follows a project. Throws TaskwireError `not_found` for strangers; waits where the server cannot be reached. */
  joinProject(projectId: string): Promise<ProjectStore>;
  readonly on: On;
  /** How this person is shown to others; told again after a reconnect. */
  readonly setPresence: Self["setPresence"];
  /** After a refusal: this person has signed in again. Stores and waiting writes go on where they were. */
  resume(): void;
  /** Ends the connection; writes that wait are rejected with `closed`. */
  close(): void;
}

/** Connects at once and stays connected until `close`, or until the server sends this client away. */
export function createTaskwire(options: TaskwireOptions = {}): Taskwire {
  const url = serverUrl(options);
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const token = options.token === undefined ? undefined : createTokens(options.token);
  const rest = createRest({ url, token, fetch: options.fetch ?? ((input, init) => fetch(input, init)) });
  const { on, emit } = createListeners();
  const following = createFollowing({ behind: () => connection.fellBehind(), caughtUp: () => connection.caughtUp() });

  const connection: Connection = createConnection({
    url: `${url.replace(/^http/, "ws")}/ws`,
    WebSocket: socketConstructor(options),
    clock,
    random,
    async authorize(fresh) {
      // What cannot be renewed (a cookie, a fixed token) is tried over HTTP, which tells a refusal from a dead network.
      if (fresh && typeof options.token !== "function") await rest.request("GET", "/api/me");
      return token?.(fresh);
    },
    hooks: {
      welcomed: (connected) => self.welcome(connected),
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
  const outbox = createOutbox({ send: (write) => connection.request(write.event, write.data), clock, random });
  const projects = createProjects({ ...shared, waiting: () => outbox.waiting.value });
  const self = createSelf(shared);
  const userId = () => self.user.value?.id ?? "";
  const writes = createWrites({ outbox, stores: projects.inputs, clock, userId });

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
    connection,
    user: self.user,
    waiting: outbox.waiting,
    rest,
    joinProject: projects.join,
    on,
    setPresence: self.setPresence,
    resume: connection.start,
    close() {
      stopWatching();
      connection.stop();
      const error = new TaskwireError("closed", "the client was closed");
      projects.closeAll(error);
      outbox.abandon(error);
    },
  };
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
