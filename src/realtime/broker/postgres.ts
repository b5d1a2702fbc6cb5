/**
 * Wakes over PostgreSQL's NOTIFY, on connections of its own (inside the write's statement it would cost most of the
 * throughput). Every node sends a heartbeat each second; a node that hears no other keeps quiet.
 */
import postgres from "postgres";
import type { Database } from "../../db/open.ts";
import type { Broker, BrokerListener, CastTarget } from "./broker.ts";

const channel = "taskwire";
/** NOTIFY carries 7,999 bytes. */
const payloadBytes = 7_500;
const heartbeatMs = 1_000;
/** Three missed heartbeats: the line is down, or the other node is gone. */
const silenceMs = 3_500;

interface Message {
  /** The sender. */
  readonly n: string;
  /** `[room id, seq]` */
  readonly w?: readonly (readonly [string, number])[];
  /** `[target, frame]` */
  readonly c?: readonly (readonly [CastTarget, string])[];
}

export interface PostgresBrokerOptions {
  readonly databaseUrl: string;
  readonly failed: (error: unknown) => void;
}

export function createPostgresBroker({ databaseUrl, failed }: PostgresBrokerOptions): Broker {
  const node = Bun.randomUUIDv7();
  const sql = postgres(databaseUrl, {
    max: 1,
    idle_timeout: 0,
    connect_timeout: 5,
    backoff: () => 0.25,
    onnotice: () => {},
    connection: { application_name: "taskwire broker" },
  });
  let listener: BrokerListener | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let ownHeardMs = 0;
  let wasHealthy = true;
  const peers = new Map<string, number>();
  let wakes = new Map<string, number>();
  /** `[target, frame]` as JSON text. */
  let casts: string[] = [];
  let sending = false;

  const say = (message: Message): void =>
    void sql`select pg_notify(${channel}, ${JSON.stringify(message)})`.catch(failed);
  const healthy = (): boolean => performance.now() - ownHeardMs < silenceMs;
  // Unhealthy: it cannot know whether there are others, so it speaks.
  const alone = (): boolean => peers.size === 0 && healthy();

  // A node not heard before: answer, so that it knows of us; then read the log, for until now it may have kept quiet.
  const meet = (peer: string): void => {
    const known = peers.has(peer);
    peers.set(peer, performance.now());
    if (known) return;
    say({ n: node });
    listener?.recovered();
  };

  const receive = (payload: string): void => {
    const message: Message = JSON.parse(payload);
    if (message.n === node) {
      ownHeardMs = performance.now();
      return;
    }
    meet(message.n);
    for (const [roomId, seq] of message.w ?? []) listener?.wake(roomId, seq);
    for (const [target, frame] of message.c ?? []) listener?.cast(target, frame);
  };

  const flush = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    await Promise.resolve(); // the rest of this tick joins in
    while (wakes.size > 0 || casts.length > 0) {
      const payloads = pack(node, wakes, casts);
      wakes = new Map();
      casts = [];
      for (const payload of payloads) await sql`select pg_notify(${channel}, ${payload})`.catch(failed);
    }
    sending = false;
  };

  const beat = (): void => {
    const now = performance.now();
    for (const [peer, heardMs] of peers) if (now - heardMs > 3 * silenceMs) peers.delete(peer);
    say({ n: node });
    if (healthy() && !wasHealthy) listener?.recovered();
    wasHealthy = healthy();
  };

  return {
    kind: "postgres",
    async start(to) {
      listener = to;
      ownHeardMs = performance.now();
      // Called again after each reconnection: what was said meanwhile is lost.
      await sql.listen(channel, receive, () => listener?.recovered());
      timer = setInterval(beat, heartbeatMs);
      beat();
    },
    wake(roomId, seq) {
      if (alone()) return;
      if ((wakes.get(roomId) ?? 0) < seq) wakes.set(roomId, seq);
      void flush();
    },
    cast(target, frame) {
      // Ephemeral frames are small by construction; one that does not fit is dropped, as any of them may be.
      if (alone()) return;
      const text = JSON.stringify([target, frame]);
      if (Buffer.byteLength(text) > payloadBytes - 100) return;
      casts.push(text);
      void flush();
    },
    healthy,
    async stop() {
      clearInterval(timer);
      await sql.end({ timeout: 1 });
    },
  };
}

/**
 * Wakes the nodes from a process that is none and hears nothing, such as a command. Throws where the database refuses.
 * To them it is a node not met before, so that they also read the log.
 */
export async function wakeNodes(database: Pick<Database, "sql">, wakes: ReadonlyMap<string, number>): Promise<void> {
  for (const payload of pack(Bun.randomUUIDv7(), wakes, []))
    await database.sql`select pg_notify(${channel}, ${payload})`;
}

/** As few payloads as hold everything. */
function pack(node: string, wakes: ReadonlyMap<string, number>, casts: readonly string[]): string[] {
  const payloads: string[] = [];
  const all = [...wakes];
  const perPayload = Math.floor(payloadBytes / 70); // a UUID, a number and their punctuation
  for (let i = 0; i < all.length; i += perPayload) {
    payloads.push(JSON.stringify({ n: node, w: all.slice(i, i + perPayload) } satisfies Message));
  }
  let batch: string[] = [];
  let bytes = 100;
  const close = (): void => {
    if (batch.length > 0) payloads.push(`{"n":"${node}","c":[${batch.join(",")}]}`);
    batch = [];
    bytes = 100;
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
