/**
 * What nodes say to each other, whatever carries it. Every node sends a heartbeat twice a second, which it must hear itself
 * within a quarter of one; a node that hears no other keeps quiet. What a node committed is coalesced: the rest of a tick,
 * and then of some milliseconds or as long as the carrier is busy, goes into the next payload. Events are carried as they
 * are, so that no node needs to read them from the log; what is too much for that is told by its number alone.
 */
import type { CommittedEvent } from "../../db/context.ts";
import type { Broker, BrokerListener, CastTarget } from "./broker.ts";
import { decodeTold, encodeTold, packTold, type Told, type ToldHead } from "./told.ts";

const heartbeatMs = 500;
/** A heartbeat not heard by then: what was said may be lost, so the log is looked at. With `heartbeatMs` well within S10's second. */
const lateMs = 250;
/** What came while this process was busy lies ready: it is heard before a second timer fires. */
const graceMs = 25;
/** So long without one: the line is down, or the other node is gone. Nodes of the version before send one each second. */
const silenceMs = 3_500;
/** A node that fell silent may only be cut off from the carrier and still write: so long the poll looks more often. */
const missedMs = 60_000;
/** Ephemeral frames that wait for the carrier; the oldest are dropped. */
const castsMax = 2_000;
/** What was said less than this ago is followed up together: each payload costs the carrier, and every node. */
const gatherMs = 10;
/** Payloads of one call of the carrier's. */
const payloadsAtOnce = 8;
const payloadOverheadBytes = 100;

interface Message {
  /** The sender. */
  readonly n: string;
  /** `[room id, seq]` */
  readonly w?: readonly (readonly [string, number])[];
  /** Events, whose data stands behind this message's JSON and a line feed. */
  readonly e?: readonly ToldHead[];
  /** `[target, frame]` */
  readonly c?: readonly (readonly [CastTarget, string])[];
  /** The sender stops: nobody needs to miss it. */
  readonly bye?: true;
}

export interface Carrier {
  /** What one payload holds, in UTF-8. */
  readonly payloadBytes: number;
  /** So much of events is carried at a time, in several payloads; of what is more only the numbers are told. */
  readonly carriedBytes: number;
  /** One or more payloads. Rejects where they could not be said. */
  say(payloads: readonly string[]): Promise<unknown>;
  readonly failed: (error: unknown) => void;
}

export interface Talk extends Pick<Broker, "tell" | "cast" | "healthy" | "connected"> {
  start(listener: BrokerListener): void;
  /** What the carrier brought, from this node too. */
  hear(payload: string): void;
  /** The carrier works, for the first time or again: whatever was said before is lost. */
  recovered(): void;
  /** The carrier is known to be down: not to be found out by silence. The log is looked at once. */
  lost(): void;
  stop(): Promise<void>;
}

export function createTalk(carrier: Carrier): Talk {
  const { payloadBytes, carriedBytes, failed } = carrier;
  const node = Bun.randomUUIDv7();
  const own = `{"n":"${node}"`;
  let listener: BrokerListener | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let lateTimer: ReturnType<typeof setTimeout> | undefined;
  let ownHeardMs = 0;
  let wasHealthy = true;
  /** The last heartbeat did not come back in time. */
  let late = false;
  const peers = new Map<string, number>();
  let wakes = new Map<string, number>();
  let told: Told[] = [];
  let toldBytes = 0;
  /** `[target, frame]` as JSON text. */
  let casts: string[] = [];
  let sending = false;
  let saidAtMs = Number.NEGATIVE_INFINITY;

  const say = (message: Message): Promise<unknown> => carrier.say([JSON.stringify(message)]).catch(failed);
  const hearsItself = (): boolean => performance.now() - ownHeardMs < silenceMs;
  const healthy = (): boolean => {
    const now = performance.now();
    return !late && hearsItself() && peers.values().every((heardMs) => now - heardMs < silenceMs);
  };
  // It cannot know whether there are others where it does not hear itself: then it speaks.
  const alone = (): boolean => peers.size === 0 && hearsItself();

  // A node not heard before: answer, so that it knows of us; then read the log, for until now it may have kept quiet.
  const meet = (peer: string): void => {
    const known = peers.has(peer);
    peers.set(peer, performance.now());
    if (known) return;
    void say({ n: node });
    listener?.recovered();
  };

  const hearPeer = (payload: string): void => {
    const lineEnd = payload.indexOf("\n");
    const message: Message = JSON.parse(lineEnd < 0 ? payload : payload.slice(0, lineEnd));
    meet(message.n);
    for (const [roomId, seq] of message.w ?? []) listener?.wake(roomId, seq);
    if (message.e) listener?.told(decodeTold(message.e, payload, lineEnd + 1));
    for (const [target, frame] of message.c ?? []) listener?.cast(target, frame);
    if (message.bye) peers.delete(message.n);
  };

  const flush = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    await Promise.resolve(); // the rest of this tick joins in
    while (wakes.size > 0 || told.length > 0 || casts.length > 0) {
      const restMs = saidAtMs + gatherMs - performance.now();
      if (restMs > 0) await Bun.sleep(restMs);
      const payloads = [...packTold(own, told, payloadBytes), ...pack(node, wakes, casts, payloadBytes)];
      wakes = new Map();
      told = [];
      toldBytes = 0;
      casts = [];
      saidAtMs = performance.now();
      for (let i = 0; i < payloads.length; i += payloadsAtOnce)
        await carrier.say(payloads.slice(i, i + payloadsAtOnce)).catch(failed);
    }
    sending = false;
  };

  const doubt = (): void => {
    if (late) return;
    late = true;
    listener?.unheard();
  };

  const hearOwn = (): void => {
    ownHeardMs = performance.now();
    if (!late) return;
    late = false;
    listener?.unheard(); // until now others may not have been heard either
  };

  /** Carries an event, or else tells its number. */
  const gather = (event: CommittedEvent): void => {
    const carried = toldBytes < carriedBytes ? encodeTold(event) : undefined;
    if (carried && carried.bytes <= payloadBytes - payloadOverheadBytes && toldBytes + carried.bytes <= carriedBytes) {
      told.push(carried);
      toldBytes += carried.bytes;
    } else if ((wakes.get(event.roomId) ?? 0) < event.seq) wakes.set(event.roomId, event.seq);
  };

  const beat = (): void => {
    const now = performance.now();
    for (const [peer, heardMs] of peers) if (now - heardMs > missedMs) peers.delete(peer);
    void say({ n: node });
    const judge = (): void => {
      if (ownHeardMs < now) doubt();
    };
    clearTimeout(lateTimer);
    lateTimer = setTimeout(() => {
      lateTimer = setTimeout(judge, graceMs);
    }, lateMs);
    if (hearsItself() && !wasHealthy) listener?.recovered();
    wasHealthy = hearsItself();
  };

  return {
    start(to) {
      listener = to;
      ownHeardMs = performance.now();
      timer = setInterval(beat, heartbeatMs);
    },
    hear(payload) {
      if (payload.startsWith(own)) return hearOwn();
      try {
        hearPeer(payload);
      } catch (error) {
        failed(error); // whatever said that is no node of ours, or it was cut off
      }
    },
    recovered() {
      listener?.recovered();
      beat();
    },
    lost() {
      ownHeardMs = Number.NEGATIVE_INFINITY;
      doubt();
    },
    tell(events) {
      if (events.length === 0 || alone()) return;
      for (const event of events) gather(event);
      void flush();
    },
    cast(target, frame) {
      // Ephemeral frames are small by construction; one that does not fit is dropped, as any of them may be.
      if (alone()) return;
      const text = JSON.stringify([target, frame]);
      if (Buffer.byteLength(text) > payloadBytes - payloadOverheadBytes) return;
      if (casts.length >= castsMax) casts.shift();
      casts.push(text);
      void flush();
    },
    healthy,
    connected: hearsItself,
    async stop() {
      clearInterval(timer);
      clearTimeout(lateTimer);
      await say({ n: node, bye: true });
    },
  };
}

/**
 * What a process says that wakes the nodes and is none itself, such as a command. To them it is a node not met before,
 * so that they also read the log.
 */
export function wakePayloads(wakes: ReadonlyMap<string, number>, payloadBytes: number): string[] {
  const node = Bun.randomUUIDv7();
  const payloads = pack(node, wakes, [], payloadBytes);
  return payloads.length === 0 ? [] : [...payloads, JSON.stringify({ n: node, bye: true } satisfies Message)];
}

/** As few payloads as hold everything. */
function pack(
  node: string,
  wakes: ReadonlyMap<string, number>,
  casts: readonly string[],
  payloadBytes: number,
): string[] {
  const payloads: string[] = [];
  const all = [...wakes];
  const perPayload = Math.floor(payloadBytes / 70); // a UUID, a number and their punctuation
  for (let i = 0; i < all.length; i += perPayload) {
    payloads.push(JSON.stringify({ n: node, w: all.slice(i, i + perPayload) } satisfies Message));
  }
  let batch: string[] = [];
  let bytes = payloadOverheadBytes;
  const close = (): void => {
    if (batch.length > 0) payloads.push(`{"n":"${node}","c":[${batch.join(",")}]}`);
    batch = [];
    bytes = payloadOverheadBytes;
  };
  for (const cast of casts) {
    const size = Buffer.byteLength(cast) + 1;
    if (bytes + size > payloadBytes) close();
    batch.push(cast);
    bytes += size;
  }
  close();
  return payloads;
}
