/** The rooms that are followed: brings them back after a loss, and knows whether one of them is behind. */
import type { LoggedEvent, ServerFrame } from "../protocol/event.ts";
import { createCell, type Observable } from "./observable.ts";
import type { Room, RoomHooks } from "./rooms.ts";

/** How a room tells whether it is behind. */
export type FollowingRoomHooks = Pick<RoomHooks, "behind" | "advanced" | "settled">;

export interface Following {
  /** Events that are still to come, over all rooms, as far as it is known; 0 when every room is at its head. */
  readonly missing: Observable<number>;
  /** Follows a room under its wire name; `resume` makes it join. */
  add(name: string, create: (hooks: FollowingRoomHooks) => Room): Room;
  remove(name: string): void;
  get(name: string): Room | undefined;
  /** A new connection: every room joins again. */
  catchUp(): void;
  lost(): void;
  /** A frame; answers whether it was a durable one, which then goes the way of its room. */
  receive(frame: ServerFrame): boolean;
}

export interface FollowingHooks {
  readonly behind: () => void;
  readonly caughtUp: () => void;
}

export function createFollowing(hooks: FollowingHooks): Following {
  const rooms = new Map<string, Room>();
  const missing = createCell(0);
  let behind = 0;
  const count = (): void => {
    let sum = 0;
    for (const room of rooms.values()) sum += room.missing;
    missing.set(sum);
  };
  const counted = {
    advanced: count,
    behind() {
      if (behind++ === 0) hooks.behind();
    },
    settled() {
      count();
      if (--behind === 0) hooks.caughtUp();
    },
  };
  return {
    missing,
    add(name, create) {
      const room = create(counted);
      rooms.set(name, room);
      return room;
    },
    remove(name) {
      rooms.get(name)?.pause();
      rooms.delete(name);
      count();
    },
    get: (name) => rooms.get(name),
    catchUp() {
      for (const room of rooms.values()) room.resume();
      if (behind === 0) hooks.caughtUp();
    },
    lost() {
      for (const room of rooms.values()) room.pause();
    },
    receive(frame) {
      if (!isLogged(frame)) return false;
      rooms.get(frame.room)?.receive(frame);
      return true;
    },
  };
}

const isLogged = (frame: ServerFrame): frame is LoggedEvent => frame.room !== undefined && frame.seq !== undefined;
