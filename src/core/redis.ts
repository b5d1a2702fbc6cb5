/**
 * One connection to Redis that comes back by itself. Bun's own reconnection loses subscriptions silently and gives up
 * after some attempts, and a paused Redis keeps its connections open: so that is off, and this loop connects, asks for a
 * sign of life twice a second, and connects anew when none comes within a quarter of one.
 */
import { RedisClient } from "bun";
import type { Log } from "./log.ts";
import { redisLabel, whyUnreachable } from "./redis-advice.ts";

export interface Redis {
  /** `host:port/database`, without user and password. */
  readonly label: string;
  /** Does it answer, as far as is known? */
  up(): boolean;
  /** How often it was reached again after it was lost. */
  reconnects(): number;
  /**
   * The answer to a command. Rejects with RedisUnavailable: at once while there is no connection, or a quarter of a second later
   * where no answer comes (it may have been carried out). Rejects with what Redis says against the command itself.
   */
  send(command: string, args: readonly string[]): Promise<unknown>;
  /** Settles after the first attempt, whatever came of it; from then on it is tried for ever. */
  start(): Promise<void>;
  stop(): void;
}

/** One installation's part of a Redis. */
export interface Keyspace {
  readonly redis: Redis;
  /** For connections of one's own. */
  readonly url: string;
  /** Before every key and channel. */
  readonly prefix: string;
}

export interface RedisOptions {
  readonly url: string;
  /** Without one it is silent. */
  readonly log?: Log;
  /** Of a fresh connection, before it counts as up: to subscribe. Rejects where that fails. */
  readonly prepare?: (client: RedisClient) => Promise<unknown>;
  /** It is up, for the first time or again. Must not throw. */
  readonly connected?: () => void;
  /** It is down. Must not throw. */
  readonly lost?: () => void;
}

export class RedisUnavailable extends Error {
  override readonly name = "RedisUnavailable";
}

const connectMs = 1_000;
const answerMs = 250;
const graceMs = 25;
/** With `answerMs` it is known within 775 ms that Redis stands still: what follows of it must fit into S10's second. */
const pingEveryMs = 500;
const retryMinMs = 100;
const retryMaxMs = 1_000;

export function createRedis(options: RedisOptions): Redis {
  const { url, log } = options;
  const label = redisLabel(url);
  let client: RedisClient | undefined;
  let reconnects = 0;
  let stopped = false;
  let failing = false;
  let wake = (): void => {};

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const connect = async (): Promise<Connection | undefined> => {
    const ended = Promise.withResolvers<void>();
    const fresh = new RedisClient(url, {
      autoReconnect: false,
      enableOfflineQueue: false,
      connectionTimeout: connectMs,
    });
    fresh.onclose = () => ended.resolve();
    try {
      await within(fresh.connect(), 2 * connectMs);
      if (options.prepare) await within(options.prepare(fresh), connectMs);
      await within(fresh.send("PING", []), connectMs); // a database that is not there is refused only now
      return { client: fresh, ended: ended.promise };
    } catch (error) {
      fresh.close();
      if (failing || stopped) return undefined;
      failing = true;
      const reason = await whyUnreachable(url, error);
      if (!stopped) log?.error({ redis: label, reason }, "Redis cannot be used; the server goes on without it");
      return undefined;
    }
  };

  /** Settles when the connection is over: closed by the other side, or silent. */
  const watch = async ({ client: live, ended }: Connection): Promise<void> => {
    const over = ended.then(() => true);
    while (!(await Promise.race([over, pause(pingEveryMs).then(() => false)]))) {
      if (!(await answers(live))) live.close();
    }
  };

  const loop = async (tried: () => void): Promise<void> => {
    let retryMs = retryMinMs;
    for (let attempt = 0; !stopped; attempt++) {
      const connection = await connect();
      if (connection && !stopped) {
        client = connection.client;
        if (attempt > 0) reconnects++;
        log?.info({ redis: label }, failing || attempt > 0 ? "Redis answers again" : "Redis answers");
        failing = false;
        retryMs = retryMinMs;
        options.connected?.();
        tried();
        await watch(connection);
        client = undefined;
        if (!stopped) options.lost?.();
      } else connection?.client.close();
      tried();
      if (!stopped) await pause(retryMs * (0.5 + Math.random()));
      retryMs = Math.min(2 * retryMs, retryMaxMs);
    }
  };

  return {
    label,
    up: () => client !== undefined,
    reconnects: () => reconnects,
    async send(command, args) {
      const live = client;
      if (!live) throw new RedisUnavailable("there is no connection to Redis");
      try {
        return await within(live.send(command, [...args]), answerMs);
      } catch (error) {
        // Whoever asks next is not to wait as long: it counts as down from here on.
        if (error instanceof RedisUnavailable) {
          if (client === live) client = undefined;
          live.close();
        }
        throw live.connected ? error : new RedisUnavailable("the connection to Redis was lost", { cause: error });
      }
    },
    start: () => new Promise((resolve) => void loop(resolve)),
    stop() {
      stopped = true;
      client?.close();
      client = undefined;
      wake();
    },
  };
}

interface Connection {
  readonly client: RedisClient;
  readonly ended: Promise<void>;
}

const answers = (client: RedisClient): Promise<boolean> =>
  within(client.send("PING", []), answerMs).then(
    () => true,
    () => false,
  );

/** Rejects with RedisUnavailable where `promise` takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const fail = (): void => late.reject(new RedisUnavailable(`Redis did not answer within ${ms} ms`));
  // An answer that came while this process was busy lies ready: it is taken up before a second timer is.
  let timer = setTimeout(() => {
    timer = setTimeout(fail, graceMs);
  }, ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
