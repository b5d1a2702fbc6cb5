/** A client of the socket and of REST written from the contract alone: raw WebSocket and fetch, no SDK. */
import type { Comment } from "../../src/protocol/comments.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { Task } from "../../src/protocol/tasks.ts";

/** A server frame that is no answer (S3). */
export interface EventFrame {
  readonly event: string;
  readonly room?: string;
  readonly seq?: number;
  readonly at: string;
  readonly actor?: { readonly id: string; readonly name: string; readonly kind: string };
  readonly mutation_id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RoomAnswer {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly recovered: boolean;
  readonly events: readonly EventFrame[];
  readonly more: boolean;
}

/** Answers by event. */
export interface Answers {
  join_project: RoomAnswer;
  leave_project: object;
  resume_user: RoomAnswer;
  task_create: TaskAnswer;
  task_update: TaskAnswer;
  task_status_update: TaskAnswer;
  task_move: TaskAnswer;
  task_assign: TaskAnswer;
  task_delete: TaskAnswer;
  new_comment: { readonly comment: Comment; readonly seq: number };
  user_typing: object;
  presence_update: object;
  ping: { readonly server_time: string };
}
export interface TaskAnswer {
  readonly task: Task;
  readonly seq: number;
}

export interface WireError {
  readonly code: string;
  /** On the socket; a problem of HTTP says it in `detail`. */
  readonly message?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly current?: unknown;
  readonly retry_after?: number;
}

/** `data` is what the contract says of the event asked for; JSON.parse cannot know. */
type WireFrame =
  | EventFrame
  | { readonly id: number; readonly ok: true; readonly data: never }
  | { readonly id: number; readonly ok: false; readonly error: WireError };

/** The server refused a frame or a request. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly error: WireError) {
    super(`${error.code}: ${error.message ?? error.detail}`);
  }
}

/** The connection ended before the answer came: what was asked may have happened or not. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

interface Waiting {
  readonly id: number;
  readonly settle: (frame: Exclude<WireFrame, EventFrame>) => void;
  readonly lost: (error: Error) => void;
}

export interface Client {
  readonly userId: string;
  readonly userRoom: { readonly room: string; readonly epoch: string; readonly seq: number };
  /** Sends a frame. `heard` runs in the tick in which the answer is read, before any frame behind it. */
  request<Name extends keyof Answers>(
    event: Name,
    data: object,
    heard?: (answer: Answers[Name]) => void,
  ): Promise<Answers[Name]>;
  /** Settles when the connection has ended, from whichever side. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Ends it; `abruptly` without a word, as a lost link does. */
  close(abruptly?: boolean): void;
}

export interface ClientOptions {
  /** `http://host:port` */
  readonly url: string;
  readonly token: string;
  readonly onEvent?: (frame: EventFrame) => void;
  /**
   * After so long without a frame it asks `ping`, and takes the connection for lost where as long again nothing comes
   * (S7, with shorter times). Absent: it waits for ever.
   */
  readonly quietMs?: number | undefined;
}

/** Opens a socket and waits for `connected` (S4). Throws ConnectionLost where there is no server. */
export function openClient({ url, token, onEvent, quietMs }: ClientOptions): Promise<Client> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, ["taskwire.v1", `bearer.${token}`]);
  const waiting: Waiting[] = [];
  const opened = Promise.withResolvers<Client>();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  let lastId = 0;
  let over = false;

  const end = (code: number, reason: string): void => {
    if (over) return;
    over = true;
    clearInterval(watching);
    const error = new ConnectionLost(`closed with ${code} ${reason}`);
    opened.reject(error);
    closed.resolve({ code, reason });
    for (const { lost } of waiting.splice(0)) lost(error);
  };
  const request: Client["request"] = (event, data, heard) =>
    new Promise((resolve, reject) => {
      if (over) return reject(new ConnectionLost("closed before"));
      const settle: Waiting["settle"] = (frame) => {
        if (!frame.ok) return reject(new Refused(frame.error));
        heard?.(frame.data);
        resolve(frame.data);
      };
      waiting.push({ id: ++lastId, settle, lost: reject });
      socket.send(JSON.stringify({ id: lastId, event, data }));
    });
  const close = (abruptly = false): void => {
    // Only Bun's sockets can be cut without a closing handshake.
    if (abruptly && "terminate" in socket && typeof socket.terminate === "function") socket.terminate();
    else socket.close(1000);
    end(1000, "closed by the client");
  };
  let heardMs = performance.now();
  let isAsking = false;
  const watch = (silenceMs: number): void => {
    const quiet = performance.now() - heardMs > silenceMs;
    if (quiet && (isAsking || socket.readyState !== WebSocket.OPEN)) close(true);
    else if (quiet) {
      isAsking = true;
      heardMs = performance.now();
      request("ping", {}).catch(() => {}); // that it was lost is told by `closed`
    }
  };
  const watching = quietMs === undefined ? undefined : setInterval(() => watch(quietMs), quietMs / 4);
  socket.addEventListener("message", ({ data }) => {
    if (over) return;
    heardMs = performance.now();
    isAsking = false;
    const frame: WireFrame = JSON.parse(String(data));
    if ("ok" in frame) {
      const next = waiting.shift();
      if (next?.id !== frame.id) throw new Error(`[S2] ${frame.id} was answered, ${next?.id} was asked before it`);
      next.settle(frame);
    } else if (frame.event === "connected") {
      const { user, user_room }: { user: { id: string }; user_room: Client["userRoom"] } = JSON.parse(
        JSON.stringify(frame.data),
      );
      opened.resolve({ userId: user.id, userRoom: user_room, request, closed: closed.promise, close });
    } else onEvent?.(frame);
  });
  socket.addEventListener("close", ({ code, reason }) => end(code, reason));
  socket.addEventListener("error", () => end(1006, "error"));
  return opened.promise;
}

export interface RestAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/**
 * One request, answered whatever its status. `Body` is what the contract says of the path. Throws ConnectionLost where
 * no answer came.
 */
export async function callApi<Body = WireError>(
  server: { readonly url: string; readonly token: string },
  method: string,
  path: string,
  body?: object,
): Promise<RestAnswer<Body>> {
  const lost = (error: unknown) => {
    throw new ConnectionLost(`${method} ${path}: ${error}`);
  };
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.token}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(lost);
  const text = await response.text().catch(lost);
  const parsed: Body = JSON.parse(text === "" ? "null" : text);
  return { status: response.status, headers: response.headers, body: parsed };
}

/** The same, where anything but success is thrown as Refused. */
export async function api<Body>(...call: Parameters<typeof callApi>): Promise<Body> {
  const { status, body } = await callApi<Body & WireError>(...call);
  if (status >= 400) throw new Refused(body);
  return body;
}

export type { Comment, Snapshot, Task };
