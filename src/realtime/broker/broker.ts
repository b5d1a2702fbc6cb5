/**
 * Between nodes: "room R is at seq N by now", after the commit, with the events themselves where they fit. A broker may
 * lose, repeat or reorder; the relay's numbers, the log and its poll repair that. Ephemeral frames ride inline and may be
 * dropped.
 */
import type { CommittedEvent } from "../../db/context.ts";
import type { RoomName } from "../../protocol/rooms.ts";

/** Rooms, and the nodes themselves: see peers.ts. */
export type CastTarget = RoomName | "nodes";

export interface BrokerListener {
  /** Another node committed up to `seq`; what, stands in the log. */
  wake(roomId: string, seq: number): void;
  /** Another node committed these; each knows its epoch. */
  told(events: readonly CommittedEvent[]): void;
  /** An ephemeral frame of another node, for everyone here who hears the room. */
  cast(target: CastTarget, frame: string): void;
  /** The line was down: whatever was said meanwhile is lost, so read the log. */
  recovered(): void;
  /** The line is down, or slow, or was for a moment: what was said may not have been heard, so look at the log now. */
  unheard(): void;
}

export interface Broker {
  readonly kind: "memory" | "postgres" | "redis";
  start(listener: BrokerListener): Promise<void>;
  /** Tells the other nodes what this one committed; coalesced, never throws, never waits. */
  tell(events: readonly CommittedEvent[]): void;
  cast(target: CastTarget, frame: string): void;
  /**
   * Does it hear its own heartbeat in time, and that of every node it heard within the last minute? (One that fell silent
   * may only be cut off from the broker, and still write.) While not, the poll goes with each tick.
   */
  healthy(): boolean;
  /** Does it hear its own heartbeat? While not, it cannot tell whether other nodes are there. */
  connected(): boolean;
  /** How often its line was restored. */
  reconnects(): number;
  stop(): Promise<void>;
}
