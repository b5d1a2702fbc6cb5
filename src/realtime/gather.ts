/** Changes that are not kept (presence, typing), gathered per room: what turns back within the window is never told. */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { RoomName } from "../protocol/rooms.ts";

export interface Gatherer<Key> {
  /** Something about `key` may have changed in the room. */
  mark(room: RoomName, key: Key): void;
  stop(): void;
}

/**
 * Calls `changed` once a window for every marked key. Always at the end of the window and from a timer, never from
 * inside `mark`: marks come while the relay publishes, and publishing there would nest.
 */
export function createGatherer<Key>(
  clock: Clock,
  windowMs: number,
  changed: (room: RoomName, key: Key) => void,
): Gatherer<Key> {
  let marked = new Map<RoomName, Set<Key>>();
  let cancel: CancelTimer | undefined;

  const flush = (): void => {
    cancel = undefined;
    const rooms = marked;
    marked = new Map();
    for (const [room, keys] of rooms) for (const key of keys) changed(room, key);
  };

  return {
    mark(room, key) {
      const keys = marked.get(room);
      if (keys) keys.add(key);
      else marked.set(room, new Set([key]));
      cancel ??= clock.setTimeout(flush, windowMs);
    },
    stop() {
      cancel?.();
      cancel = undefined;
      marked.clear();
    },
  };
}

/** How often a room hears of its changes at most. Short enough to feel immediate. */
export const gatherWindowMs = 50;
