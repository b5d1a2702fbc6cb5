/** The real clients of Socket.IO, the newest and the oldest we promise, as the tests use them. */
import { io as newest } from "socket.io-client";
import { io as oldest } from "socket.io-client-4-0";
import type { Data } from "./wire.ts";

export interface Meta {
  readonly room?: string;
  readonly seq?: number;
  readonly at: string;
  readonly actor?: { readonly id: string; readonly name: string; readonly kind: string };
  readonly mutation_id?: string;
}

/** The one argument of an event. */
export type EventData = Data & { readonly _meta: Meta };

export interface Heard {
  readonly event: string;
  readonly data: EventData;
}

export interface Ack {
  readonly ok: boolean;
  readonly data: Data;
  readonly error?: { readonly code: string; readonly message: string; readonly retry_after?: number };
}

/** The clients there are: a release and the transports it may use. */
export const clientKinds = [
  { name: "4.8 by websocket", io: newest, transports: ["websocket"] },
  { name: "4.8 by polling", io: newest, transports: ["polling"] },
  { name: "4.8 by polling and upgrade", io: newest, transports: ["polling", "websocket"] },
  { name: "4.0 by websocket", io: oldest, transports: ["websocket"] },
  { name: "4.0 by polling", io: oldest, transports: ["polling"] },
  { name: "4.0 by polling and upgrade", io: oldest, transports: ["polling", "websocket"] },
] as const;

export type ClientKind = (typeof clientKinds)[number];

export interface ClientOptions {
  readonly kind?: ClientKind;
  readonly auth?: object | ((give: (auth: object) => void) => void);
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly reconnection?: boolean;
  /** Default `/`. */
  readonly namespace?: string;
  /** Of something between it and the server; default: the server's own. */
  readonly url?: string;
}

export interface ConnectError {
  readonly message: string;
  readonly data?: Data;
}

export interface SocketIoClient {
  /** Of the present connection. */
  readonly id: string | undefined;
  /** `polling` or `websocket`. */
  readonly transport: string;
  /** Every event so far, oldest first. */
  readonly heard: readonly Heard[];
  /** Settles with the next `connect`, or what refused it; at once where it is connected. */
  entered(): Promise<ConnectError | undefined>;
  /** Settles with the reason of the first `disconnect`. */
  readonly disconnected: Promise<string>;
  /** Settles once a WebSocket has taken over. */
  upgraded(): Promise<void>;
  emit(event: string, ...args: unknown[]): void;
  ask(event: string, ...args: unknown[]): Promise<Ack>;
  /** The first event, also of those that came already, for which `wanted` holds. Each is given once. */
  take(wanted: string | ((heard: Heard) => boolean)): Promise<Heard>;
  /** Cuts the connection under the client, as a lost network does; it comes back if it may. */
  cut(): void;
  /** Enters again after it left or was refused. */
  enter(): void;
  leave(): void;
}

/** As much of both releases as is used here; their own types differ. */
interface RawClient {
  readonly id?: string | undefined;
  readonly connected: boolean;
  readonly io: {
    readonly engine: {
      readonly transport: { readonly name: string };
      on(event: "upgrade", heard: () => void): unknown;
      close(): unknown;
    };
  };
  on(event: string, heard: (...args: never[]) => void): unknown;
  once(event: string, heard: (...args: never[]) => void): unknown;
  onAny(heard: (event: string, data: EventData) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

export function openSocketIo(url: string, options: ClientOptions = {}): SocketIoClient {
  const { kind = clientKinds[0], auth, headers, query, reconnection = false, namespace = "/" } = options;
  const socket: RawClient = kind.io(url + namespace, {
    transports: [...kind.transports],
    forceNew: true,
    reconnection,
    reconnectionDelay: 10,
    reconnectionDelayMax: 50,
    ...(auth && { auth }),
    ...(headers && { extraHeaders: { ...headers } }),
    ...(query && { query: { ...query } }),
  });
  const heard: Heard[] = [];
  const taken = new Set<Heard>();
  let waiters: (() => boolean)[] = [];
  const disconnected = Promise.withResolvers<string>();
  socket.onAny((event, data) => {
    heard.push({ event, data });
    waiters = waiters.filter((done) => !done());
  });
  socket.once("disconnect", (reason: string) => disconnected.resolve(reason));

  return {
    get id() {
      return socket.id;
    },
    get transport() {
      return socket.io.engine.transport.name;
    },
    heard,
    disconnected: disconnected.promise,
    entered: () =>
      new Promise((resolve) => {
        if (socket.connected) return resolve(undefined);
        socket.once("connect", () => resolve(undefined));
        socket.once("connect_error", (error: ConnectError) => resolve(error));
      }),
    upgraded: () =>
      new Promise((resolve) => {
        if (socket.io.engine.transport.name === "websocket") resolve();
        else socket.io.engine.on("upgrade", resolve);
      }),
    emit: (event, ...args) => void socket.emit(event, ...args),
    ask: (event, ...args) => new Promise((resolve) => socket.emit(event, ...args, resolve)),
    take(wanted) {
      const fits = typeof wanted === "string" ? (one: Heard) => one.event === wanted : wanted;
      return new Promise((resolve) => {
        const done = () => {
          const found = heard.find((one) => !taken.has(one) && fits(one));
          if (!found) return false;
          taken.add(found);
          resolve(found);
          return true;
        };
        if (!done()) waiters.push(done);
      });
    },
    cut: () => void socket.io.engine.close(),
    enter: () => void socket.connect(),
    leave: () => void socket.disconnect(),
  };
}
