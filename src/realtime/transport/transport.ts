/** What the rooms know of one client's connection, whatever protocol it speaks. */
import type { Actor } from "../../db/context.ts";
import type { LiveSession } from "../../protocol/connections.ts";
import type { RoomName } from "../../protocol/rooms.ts";

export interface Connection {
  /** The wire's `session_id`: this one connection. */
  readonly id: string;
  readonly actor: Actor;
  /** Rooms it hears, each once; kept by the hub. An array, for most hear two. */
  readonly rooms: RoomName[];
  /** False once it closed: nothing may subscribe it any more. */
  isOpen(): boolean;
  /** Sends one frame to this client alone. */
  send(frame: string): void;
  /** Subscribes to (or leaves) the room's topic of this transport's codec. */
  subscribe(room: RoomName): void;
  unsubscribe(room: RoomName): void;
  close(code: number, reason: string): void;
}

/** As the wire names it. */
export type TransportName = LiveSession["transport"];

/** Publishes to every connection of a transport that hears a room: encoded once, one publish. */
export interface Publisher {
  publish(room: RoomName, frame: string): void;
}

/** What a socket's frames leave by: Bun's own WebSocket, or something that spells native frames for another protocol. */
export interface Line {
  readonly data: unknown;
  /** Absent: the native one. */
  readonly transport?: TransportName;
  /** Of the other end. */
  readonly remoteAddress: string;
  /** 0: it did not fit into what may wait unsent, and was dropped. */
  sendText(frame: string): number;
  /** Whatever `write` sends goes out together. */
  cork(write: (line: Line) => void): void;
  subscribe(room: RoomName): void;
  unsubscribe(room: RoomName): void;
  ping(): void;
  close(code: number, reason: string): void;
}
