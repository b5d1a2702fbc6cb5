/** One session of Engine.IO: a client that polls, or has a WebSocket, or is on its way from the one to the other. */
import { closeCodes } from "../../protocol/errors.ts";
import { encodePayload, type Packet, packetTypes } from "./engine-packets.ts";

/** As much of Bun's WebSocket as a session uses. */
export interface EngineSocket {
  sendText(text: string): number;
  sendBinary(bytes: Uint8Array): number;
  cork(write: () => void): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  close(code?: number, reason?: string): void;
}

/** What a session tells whoever speaks over it. */
export interface EngineListener {
  /** A message came in. */
  message(data: string | Buffer): void;
  /** An answer to a ping, or a WebSocket ping or pong. */
  control(): void;
  /** It polled: it lives. */
  polled(): void;
  /** May this request speak for the session? */
  allows(request: Request): boolean;
  /** Once, whoever ended it. */
  closed(code: number): void;
}

/** What a client that polls finds of a session that was closed; one with a WebSocket is told by its close code. */
export interface Farewell {
  /** What still waits for a poll may be fetched. Otherwise it is thrown away. */
  readonly lastWords?: boolean;
  /**
   * Then no session is found, which every client takes for a lost transport, and comes back. Otherwise it is told CLOSE: for
   * clients in Python that is a goodbye, after which they stay away; those in JavaScript come back after both.
   */
  readonly mayReturn?: boolean;
}

/** What the sessions have in common. */
export interface EngineHouse {
  /** Bytes that may wait for a client that polls. */
  readonly bufferBytes: number;
  /** The session hears a topic by its polls, or no more. */
  readonly polls: (session: EngineSession, topic: string, hears: boolean) => void;
  /** One session more or less hears the topic. */
  readonly heard: (topic: string, by: 1 | -1) => void;
  readonly ended: (session: EngineSession) => void;
}

/** How long a client that is changing over is answered each poll at once, so that it can stop polling. */
const probeMs = 10_000;
const abnormal = 1006;
/** Of one answer: python-engineio refuses one that holds more, and the whole of it is lost with the connection. */
const packetsMax = 16;

const sizeOf = (packet: Packet): number => (typeof packet === "string" ? Buffer.byteLength(packet) : packet.byteLength);

export class EngineSession {
  /** Whoever knows it may speak for the client: 120 random bits. */
  readonly id = Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString("base64url");
  readonly #topics = new Set<string>();
  #listener: EngineListener | undefined = undefined;
  #ws: EngineSocket | undefined = undefined;
  #probe: EngineSocket | undefined = undefined;
  #probedAtMs = 0;
  #probingSinceMs = 0;
  #waiting: Packet[] = [];
  #waitingBytes = 0;
  #poll: ((payload: string | undefined) => void) | undefined = undefined;
  #flushing = false;
  #closed = false;
  /** CLOSE was not told yet. */
  #owesClose = false;
  #mayReturn = false;

  constructor(private readonly house: EngineHouse) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** It polled and was closed; its client is to come back. */
  get mayReturn(): boolean {
    return this.#mayReturn;
  }

  /** It has a WebSocket: polls are over. */
  get upgraded(): boolean {
    return this.#ws !== undefined;
  }

  has(ws: EngineSocket): boolean {
    return ws === this.#ws;
  }

  /** There is something to fetch, though it is closed. */
  get hasLastWords(): boolean {
    return this.#waiting.length > 0 || this.#owesClose;
  }

  get listener(): EngineListener | undefined {
    return this.#listener;
  }

  /** It is open; `ws` where it began as a WebSocket. */
  begin(listen: (session: EngineSession) => EngineListener, ws: EngineSocket | undefined): void {
    this.#ws = ws;
    this.#listener = listen(this);
  }

  /** 0: it did not fit, and was dropped. What waits for a poll goes out together at the end of the tick. */
  send(packet: Packet): number {
    if (this.#closed) return 1;
    if (this.#ws) return typeof packet === "string" ? this.#ws.sendText(packet) : this.#ws.sendBinary(packet);
    const size = sizeOf(packet);
    if (this.#waitingBytes + size > this.house.bufferBytes) return 0;
    this.#waiting.push(packet);
    this.#waitingBytes += size;
    this.#flushSoon();
    return size;
  }

  /** What `write` sends goes out together. */
  cork(write: () => void): void {
    if (this.#ws) this.#ws.cork(write);
    else write();
  }

  subscribe(topic: string): void {
    if (this.#closed || this.#topics.has(topic)) return;
    this.#topics.add(topic);
    this.house.heard(topic, 1);
    if (this.#ws) this.#ws.subscribe(topic);
    else this.house.polls(this, topic, true);
  }

  unsubscribe(topic: string): void {
    if (!this.#topics.delete(topic)) return;
    this.house.heard(topic, -1);
    if (this.#ws) this.#ws.unsubscribe(topic);
    else this.house.polls(this, topic, false);
  }

  /**
   * The payload of a poll; waits until there is something, and answers nothing where the session is found no more. A second
   * poll beside a waiting one ends the session.
   */
  poll(gone: AbortSignal): Promise<string | undefined> | undefined {
    this.#listener?.polled();
    if (this.#poll) {
      this.close(abnormal, "two polls at once");
      return undefined;
    }
    if (this.#waiting.length > 0) return Promise.resolve(this.#take());
    const nowMs = performance.now();
    if (this.#probe && nowMs - this.#probedAtMs < probeMs) return Promise.resolve(packetTypes.noop);
    if (nowMs - this.#probingSinceMs > probeMs) this.#endProbe();
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#poll = resolve;
    gone.addEventListener("abort", () => {
      // What it was to be answered may be lost with it.
      if (this.#poll === resolve) this.close(abnormal, "the poll was given up");
    });
    return promise;
  }

  /** A packet of the client; false where it is none, and the session is over. */
  receive(packet: string | Buffer): boolean {
    if (this.#closed) return false;
    if (typeof packet !== "string") {
      this.#listener?.message(packet);
      return true;
    }
    switch (packet[0]) {
      case packetTypes.message:
        this.#listener?.message(packet.slice(1));
        return true;
      case packetTypes.pong:
        this.#listener?.control();
        return true;
      case packetTypes.close:
        this.#answerPoll(packetTypes.noop);
        this.close(1000, "");
        return true;
      case packetTypes.noop:
        return true;
      default:
        this.close(closeCodes.badProtocol, "not a packet");
        return false;
    }
  }

  /** A WebSocket offers to take over, instead of one that did before. False: it may not. */
  probe(ws: EngineSocket): boolean {
    if (this.#closed || this.#ws) return false;
    this.#endProbe();
    this.#probe = ws;
    this.#probingSinceMs = performance.now();
    return true;
  }

  #endProbe(): void {
    const probe = this.#probe;
    this.#probe = undefined;
    this.#probedAtMs = 0;
    probe?.close(closeCodes.badProtocol, "it did not take over");
  }

  /** What the probing WebSocket says before it is the session's: `2probe`, then `5`. */
  probed(ws: EngineSocket, packet: string | Buffer): void {
    if (ws !== this.#probe) return;
    if (packet === `${packetTypes.ping}probe`) {
      this.#probedAtMs = performance.now();
      ws.sendText(`${packetTypes.pong}probe`);
      if (this.#waiting.length === 0) this.#answerPoll(packetTypes.noop);
    } else if (packet === packetTypes.upgrade && this.#probedAtMs > 0) this.#changeOver(ws);
    else ws.close(closeCodes.badProtocol, "not an upgrade");
  }

  /** Its WebSocket, or the one that was probing, is gone. */
  lost(ws: EngineSocket, code: number): void {
    if (ws === this.#probe) {
      this.#probe = undefined;
      this.#probedAtMs = 0;
    } else if (ws === this.#ws) this.#end(code);
  }

  close(code: number, reason: string, { lastWords = false, mayReturn = false }: Farewell = {}): void {
    if (this.#closed) return;
    this.#probe?.close(code, reason);
    this.#probe = undefined;
    if (this.#ws) {
      this.#ws.close(code, reason);
      this.#end(code);
      return;
    }
    if (!lastWords) this.#waiting = [];
    this.#mayReturn = mayReturn;
    this.#owesClose = !mayReturn && (lastWords || this.#poll !== undefined);
    if (this.#poll) this.#answerPoll(this.takeLastWords());
    this.#end(code);
  }

  /**
   * What waited for a poll, taken out; after that CLOSE, where it is owed, and then nothing. Not together: clients handle the
   * packets of Socket.IO a tick later, and would have lost the transport before they are told to stay away.
   */
  takeLastWords(): string | undefined {
    if (this.#waiting.length > 0) return this.#take();
    if (!this.#owesClose) return undefined;
    this.#owesClose = false;
    return packetTypes.close;
  }

  #changeOver(ws: EngineSocket): void {
    this.#probe = undefined;
    this.#answerPoll(packetTypes.noop);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#ws = ws;
    ws.cork(() => {
      for (const packet of waiting) this.send(packet);
    });
    // In the tick that sent what the polls had missed: the next event comes behind it.
    for (const topic of this.#topics) {
      this.house.polls(this, topic, false);
      ws.subscribe(topic);
    }
  }

  #flushSoon(): void {
    if (this.#flushing || !this.#poll) return;
    this.#flushing = true;
    process.nextTick(flush, this);
  }

  flush(): void {
    this.#flushing = false;
    if (this.#poll && this.#waiting.length > 0) this.#answerPoll(this.#take());
  }

  #take(): string {
    const packets = this.#waiting.splice(0, packetsMax);
    for (const packet of packets) this.#waitingBytes -= sizeOf(packet);
    return encodePayload(packets);
  }

  #answerPoll(payload: string | undefined): void {
    this.#poll?.(payload);
    this.#poll = undefined;
  }

  #end(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const topic of this.#topics) {
      this.house.heard(topic, -1);
      if (!this.#ws) this.house.polls(this, topic, false);
    }
    this.#topics.clear();
    this.house.ended(this);
    this.#listener?.closed(code);
  }
}

// Shared by all sessions, so that a send makes no closure.
const flush = (session: EngineSession): void => session.flush();
