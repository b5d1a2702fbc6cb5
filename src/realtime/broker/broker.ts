/**
 * Between nodes: "room R is at seq N by now", after the commit. A broker may lose, repeat or reorder; the relay's
 * numbers and its poll repair that. Ephemeral frames ride inline and may be dropped.
 */
import type { RoomName } from "../../protocol/rooms.ts";

/** Rooms, and what is no room: see messenger.ts. */
export type CastTarget = RoomName | "everyone" | `session:${string}` | `told:${string}`;

export interface BrokerListener {
  wake(roomId: string, seq: number): void;
  /** An ephemeral frame of another node, for everyone here who hears the room. */
  cast(target: CastTarget, frame: string): void;
  /** The line was down: whatever was said meanwhile is lost, so read the log. */
  recovered(): void;
}

export interface Broker {
  readonly kind: "memory" | "postgres";
  start(listener: BrokerListener): Promise<void>;
  /** Tells the other nodes; coalesced, never throws, never waits. */
  wake(roomId: string, seq: number): void;
  cast(target: CastTarget, frame: string): void;
  /** Does it hear its own heartbeat? While not, the poll goes every second. */
  healthy(): boolean;
  stop(): Promise<void>;
}
