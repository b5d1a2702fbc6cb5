/**
 * Engine.IO, protocol 4: sessions by polling and by WebSocket, and topics that reach both. Knows nothing of what is said
 * over it: whoever uses it gives each session a listener, and pings by `session.send`.
 */
import type { Clock } from "../../core/clock.ts";
import { closeCodes } from "../../protocol/errors.ts";
import { createExpiry } from "../expiry.ts";
import { decodePayload, encodeOpen, type OpenPacket, packetTypes } from "./engine-packets.ts";
import { refuse } from "./engine-refusals.ts";
import { type EngineListener, EngineSession, type EngineSocket } from "./engine-session.ts";

export interface EngineOptions {
  readonly clock: Clock;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** Of one WebSocket frame or POST. */
  readonly maxPayloadBytes: number;
  /** That may wait for a client that polls. */
  readonly bufferBytes: number;
  /** Are new sessions refused now? */
  readonly draining: () => boolean;
  /** Looks at the request of a new session, and answers what makes its listener. */
  readonly greet: (request: Request) => (session: EngineSession) => EngineListener;
  /** A session heard nothing new for too long and its buffer is full. */
  readonly slow: (session: EngineSession) => void;
}

/** A WebSocket's `data`: what it is to be, and then is, of which session. */
export class EngineLink {
  ws: EngineSocket | undefined = undefined;
  session: EngineSession | undefined = undefined;

  constructor(readonly begin: (link: EngineLink, ws: EngineSocket) => void) {}
}

/** As much of the listener as the engine uses. */
export interface EngineServer {
  upgrade(request: Request, options: { data: EngineLink }): boolean;
  publish(topic: string, packet: string): number;
  /** Ends a connection on which nothing passes for so many seconds; 0: never. */
  timeout(request: Request, seconds: number): void;
}

export interface Engine {
  /** Answers a request at the engine's path; undefined where it became a WebSocket. */
  answer(request: Request, server: EngineServer): Promise<Response | undefined>;
  open(link: EngineLink, ws: EngineSocket): void;
  message(link: EngineLink, data: string | Buffer): void;
  control(link: EngineLink): void;
  close(link: EngineLink, code: number): void;
  /** Does any session hear the topic? */
  hears(topic: string): boolean;
  /** One packet, encoded once, to every session that hears the topic. */
  publish(topic: string, packet: string): void;
}

/** For how long the last words of a closed session may be fetched, and its client may still write before it knows. */
const lastWordsMs = 10_000;

export function createEngine(options: EngineOptions): Engine {
  const sessions = new Map<string, EngineSession>();
  /** How many sessions hear a topic … */
  const listeners = new Map<string, number>();
  /** … and which of them poll. */
  const pollers = new Map<string, Set<EngineSession>>();
  const departed = createExpiry<EngineSession>(options.clock, lastWordsMs, ({ id }) => void sessions.delete(id));
  let publish: EngineServer["publish"] = () => 0;

  const house = {
    bufferBytes: options.bufferBytes,
    polls(session: EngineSession, topic: string, hears: boolean): void {
      const there = pollers.get(topic) ?? new Set();
      if (hears) pollers.set(topic, there.add(session));
      else if (there.delete(session) && there.size === 0) pollers.delete(topic);
    },
    heard(topic: string, by: 1 | -1): void {
      const count = (listeners.get(topic) ?? 0) + by;
      if (count > 0) listeners.set(topic, count);
      else listeners.delete(topic);
    },
    ended(session: EngineSession): void {
      if (session.hasLastWords || session.mayReturn) departed.touch(session);
      else sessions.delete(session.id);
    },
  };

  const openPacket = (session: EngineSession, upgrades: readonly string[]): string =>
    encodeOpen({
      sid: session.id,
      upgrades,
      pingInterval: options.pingIntervalMs,
      pingTimeout: options.pingTimeoutMs,
      maxPayload: options.maxPayloadBytes,
    } satisfies OpenPacket);

  const openByPolling = (request: Request): Response => {
    const listen = options.greet(request);
    const session = new EngineSession(house);
    sessions.set(session.id, session);
    session.begin(listen, undefined);
    return payload(openPacket(session, ["websocket"]));
  };

  const openBySocket = (request: Request): EngineLink => {
    const listen = options.greet(request);
    return new EngineLink((link, ws) => {
      const session = new EngineSession(house);
      sessions.set(session.id, session);
      link.session = session;
      ws.sendText(openPacket(session, []));
      session.begin(listen, ws);
    });
  };

  const upgrade = (
    request: Request,
    server: EngineServer,
    session: EngineSession | undefined,
  ): Response | undefined => {
    publish = (topic, packet) => server.publish(topic, packet);
    const link = session
      ? new EngineLink((self, ws) => {
          if (session.probe(ws)) self.session = session;
          else ws.close(closeCodes.badProtocol, "the session has a WebSocket already");
        })
      : openBySocket(request);
    return server.upgrade(request, { data: link }) ? undefined : refuse("bad_request");
  };

  const poll = async (request: Request, server: EngineServer, session: EngineSession): Promise<Response> => {
    if (session.closed) {
      const words = session.takeLastWords();
      if (!session.hasLastWords && !session.mayReturn) {
        departed.delete(session);
        sessions.delete(session.id);
      }
      return pollAnswer(words);
    }
    // It waits for as long as nothing is to be said: whether the client lives, the pings tell.
    server.timeout(request, 0);
    const text = session.poll(request.signal);
    return text ? pollAnswer(await text) : refuse("bad_request");
  };

  const push = async (request: Request, session: EngineSession): Promise<Response> => {
    const body = await readBody(request, options.maxPayloadBytes);
    if (body === undefined) {
      session.close(closeCodes.tooLarge, "too large", { lastWords: true });
      return new Response(null, { status: 413 });
    }
    // That it is over, its polls say: python-socketio takes the refusal of a POST for a goodbye, and never tries again.
    if (session.closed) return session.mayReturn ? payload("ok") : refuse("unknown_session");
    for (const packet of decodePayload(body)) {
      if (!session.receive(packet) && !session.closed) return refuse("bad_request");
    }
    return session.closed && !session.mayReturn && !isGoodbye(body) ? refuse("bad_request") : payload("ok");
  };

  const speak = async (request: Request, server: EngineServer, session: EngineSession): Promise<Response> => {
    if (session.listener?.allows(request) === false) return refuse("forbidden");
    if (session.upgraded) return refuse("bad_request");
    if (request.method === "GET") return poll(request, server, session);
    if (request.method === "POST") return push(request, session);
    return refuse("bad_request");
  };

  return {
    async answer(request, server) {
      const query = new URL(request.url).searchParams;
      const transport = query.get("transport");
      if (transport !== "polling" && transport !== "websocket") return refuse("unknown_transport");
      if (query.get("EIO") !== "4") return refuse("unsupported_version");
      const sid = query.get("sid");
      const session = sid === null ? undefined : sessions.get(sid);
      if (sid !== null && !session) return refuse("unknown_session");
      if (session && transport === "polling") return speak(request, server, session);
      if (request.method !== "GET") return refuse("bad_method");
      if (options.draining()) return refuse("stopping");
      if (transport === "polling") return openByPolling(request);
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return refuse("bad_request");
      if (session?.listener?.allows(request) === false) return refuse("forbidden");
      return upgrade(request, server, session);
    },

    open(link, ws) {
      link.ws = ws;
      link.begin(link, ws);
    },
    message({ session, ws }, data) {
      if (!session || !ws) return;
      if (session.has(ws)) session.receive(data);
      else session.probed(ws, data);
    },
    control: ({ session }) => session?.listener?.control(),
    close({ session, ws }, code) {
      if (session && ws) session.lost(ws, code);
    },

    hears: (topic) => listeners.has(topic),
    publish(topic, packet) {
      publish(topic, packet);
      for (const session of pollers.get(topic) ?? []) if (session.send(packet) === 0) options.slow(session);
    },
  };
}

const payload = (text: string): Response =>
  new Response(text, { headers: { "content-type": "text/plain; charset=UTF-8", "cache-control": "no-store" } });

const pollAnswer = (text: string | undefined): Response =>
  text === undefined ? refuse("unknown_session") : payload(text);

/** The client itself closed the session: it did nothing wrong. */
const isGoodbye = (body: string): boolean => body.split("\x1e").includes(packetTypes.close);

/** The text of a body of at most so many bytes; undefined where it is longer. */
async function readBody(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
