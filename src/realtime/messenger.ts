/**
 * Ephemeral frames to connections outside of any room: to everyone, or to one connection wherever it is. Other nodes hear
 * of them by the broker's casts, which may be lost.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { Beyond } from "./node.ts";
import type { Connection } from "./transport/transport.ts";

export interface Messenger {
  /** Settles when every connection of this node was sent it; answers how many those are. */
  everyone(frame: string): Promise<number>;
  /** Answers whether the connection was found; other nodes are given a second to say so. */
  session(id: string, frame: string): Promise<boolean>;
  /** What another node cast. */
  hear(target: Beyond, text: string): void;
  /** Longer frames do not reach other nodes. */
  fits(frame: string): boolean;
  stop(): void;
}

export interface MessengerOptions {
  readonly connections: () => Iterable<Connection>;
  readonly cast: (target: Beyond, text: string) => void;
  readonly clock: Clock;
  /** Can there be other nodes at all? */
  readonly alone: boolean;
}

/** Connections sent to in one go; between two the loop turns. */
const atOnce = 500;
const answerMs = 1_000;
/** A cast of PostgreSQL's NOTIFY holds so much, as JSON text. */
const frameMaxBytes = 7_000;

interface Asked {
  readonly settle: (found: boolean) => void;
  readonly cancel: CancelTimer;
}

export function createMessenger({ connections, cast, clock, alone }: MessengerOptions): Messenger {
  const asked = new Map<string, Asked>();

  const toEveryone = async (frame: string): Promise<number> => {
    let sent = 0;
    for (const connection of connections()) {
      connection.send(frame);
      if (++sent % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return sent;
  };
  const toSession = (id: string, frame: string): boolean => {
    for (const connection of connections()) {
      if (connection.id !== id) continue;
      connection.send(frame);
      return true;
    }
    return false;
  };
  const settle = (question: string, found: boolean): void => {
    const one = asked.get(question);
    asked.delete(question);
    one?.cancel();
    one?.settle(found);
  };

  return {
    everyone(frame) {
      cast("everyone", frame);
      return toEveryone(frame);
    },
    async session(id, frame) {
      if (toSession(id, frame)) return true;
      if (alone) return false;
      const question = Bun.randomUUIDv7();
      const { promise, resolve } = Promise.withResolvers<boolean>();
      asked.set(question, { settle: resolve, cancel: clock.setTimeout(() => settle(question, false), answerMs) });
      // The question goes along in a field of fixed length.
      cast(`session:${id}`, question + frame);
      return promise;
    },
    hear(target, text) {
      if (target === "everyone") void toEveryone(text);
      else if (target.startsWith("told:")) settle(target.slice("told:".length), true);
      else {
        const question = text.slice(0, uuidLength);
        if (toSession(target.slice("session:".length), text.slice(uuidLength))) cast(`told:${question}`, "");
      }
    },
    fits: (frame) => Buffer.byteLength(JSON.stringify(frame)) <= frameMaxBytes,
    stop() {
      for (const question of [...asked.keys()]) settle(question, false);
    },
  };
}

const uuidLength = 36;
