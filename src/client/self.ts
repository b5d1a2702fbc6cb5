/** What a connection knows of the person behind it: who it is, the room of their own, how they are shown. */
import type { LoggedEvent } from "../protocol/event.ts";
import type { FrameInput } from "../protocol/frames.ts";
import type { PresenceStatus } from "../protocol/presence.ts";
import type { Connected, RoomPosition } from "../protocol/sessions.ts";
import type { Me } from "../protocol/users.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { Following, FollowingRoomHooks } from "./following.ts";
import { createCell, type Observable } from "./observable.ts";
import { createRoom, type Room } from "./rooms.ts";

export interface Self {
  /** Who is signed in; null until connected for the first time. */
  readonly user: Observable<Me | null>;
  welcome(connected: Connected): void;
  setPresence(status: Exclude<PresenceStatus, "offline">, taskId?: string): void;
}

export interface SelfOptions {
  readonly connection: Pick<Connection, "request">;
  readonly following: Following;
  readonly clock: Clock;
  readonly random: () => number;
  /** An event of the person's own room. */
  readonly apply: (event: LoggedEvent) => void;
  /** The log did not reach back: what was made of the room's events is to be read anew. */
  readonly reset: () => void;
  /** The room is at its head. */
  readonly joined: () => void;
}

export function createSelf(options: SelfOptions): Self {
  const { connection, following } = options;
  const user = createCell<Me | null>(null);
  let presence: FrameInput<"presence_update"> | undefined;
  let head: RoomPosition | undefined;

  const sendPresence = (): void => {
    // Not sent now means sent with the next connection.
    if (presence) connection.request("presence_update", presence).catch(() => {});
  };

  /** The room joins itself (S4): it starts where the connection does, and later asks for what it missed. */
  const ownRoom = ({ epoch, seq }: RoomPosition, counted: FollowingRoomHooks): Room =>
    createRoom({
      position: { epoch, seq },
      source: {
        page: async (since) => {
          if (head && since.epoch === head.epoch && since.seq === head.seq) {
            return { ...head, recovered: true, events: [], more: false };
          }
          return connection.request("resume_user", { since });
        },
        // What is kept of this room is read over REST, so the head is as good as a whole state.
        snapshot: async () => ({
          position: { epoch: head?.epoch ?? epoch, seq: head?.seq ?? seq },
          use: options.reset,
        }),
        apply(events) {
          for (const event of events) options.apply(event);
        },
      },
      hooks: { ...counted, joined: options.joined, gone() {} },
      clock: options.clock,
      random: options.random,
    });

  return {
    user,
    welcome(connected) {
      const position = connected.user_room;
      if (head && head.room !== position.room) following.remove(head.room);
      head = position;
      user.set(connected.user);
      if (!following.get(position.room)) following.add(position.room, (counted) => ownRoom(position, counted));
      // Its task must be of a joined room, so this goes out after the joins.
      queueMicrotask(sendPresence);
    },
    setPresence(status, taskId) {
      presence = taskId === undefined ? { status } : { status, task_id: taskId };
      sendPresence();
    },
  };
}
