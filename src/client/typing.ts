/** Says that this person types: once every few seconds however fast the keys, and once when it ends. */
import type { CancelTimer, Clock } from "./clock.ts";

export interface Typing {
  set(taskId: string, isTyping: boolean): void;
  /** The connection was lost, and the server's memory of it with it. */
  clear(): void;
}

/** The server forgets after 6 s, so it is told again before. */
const repeatMs = 4000;

export function createTyping(clock: Clock, send: (taskId: string, isTyping: boolean) => void): Typing {
  /** Tasks the server was told of, with the end of the time in which it need not hear it again. */
  const told = new Map<string, CancelTimer>();
  return {
    set(taskId, isTyping) {
      const quiet = told.get(taskId);
      if (isTyping === (quiet !== undefined)) return;
      quiet?.();
      if (isTyping) {
        const forget = () => void told.delete(taskId);
        told.set(taskId, clock.setTimeout(forget, repeatMs));
      } else told.delete(taskId);
      send(taskId, isTyping);
    },
    clear() {
      for (const cancel of told.values()) cancel();
      told.clear();
    },
  };
}
