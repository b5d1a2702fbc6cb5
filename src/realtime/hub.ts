/** Rooms ↔ connections on this node. Knows who hears what; the sending itself is the transport's topic. */
import type { RoomName } from "../protocol/rooms.ts";
import type { Connection, Publisher } from "./transport/transport.ts";

export interface Hub {
  /** A connection hears a room from now on. */
  join(connection: Connection, room: RoomName): void;
  leave(connection: Connection, room: RoomName): void;
  /** Every connection of one person stops hearing a room; answers which they were. */
  evict(room: RoomName, userId: string): readonly Connection[];
  /** Everybody stops hearing a room (it was deleted). */
  close(room: RoomName): void;
  /** A connection ended: it leaves all its rooms. */
  drop(connection: Connection): void;
  members(room: RoomName): ReadonlySet<Connection>;
  /** Everybody connected, by person. */
  connectionsOf(userId: string): ReadonlySet<Connection>;
  /** Registers an authenticated connection. */
  add(connection: Connection): void;
  all(): Iterable<Connection>;
  count(): number;
  /** One frame to everyone who hears the room. */
  publish(room: RoomName, frame: string): void;
}

export interface HubHooks {
  /** The first connection of this node joined a room, or the last one left it. */
  readonly roomOpened: (room: RoomName) => void;
  readonly roomClosed: (room: RoomName) => void;
  /** A connection joined or left a room; presence and typing follow it. */
  readonly left: (connection: Connection, room: RoomName) => void;
}

const nobody: ReadonlySet<Connection> = new Set();

export function createHub(publisher: Publisher, hooks: HubHooks): Hub {
  const rooms = new Map<RoomName, Set<Connection>>();
  const people = new Map<string, Set<Connection>>();

  const leave = (connection: Connection, room: RoomName): void => {
    const there = rooms.get(room);
    if (!there?.delete(connection)) return;
    connection.rooms.delete(room);
    connection.unsubscribe(room);
    hooks.left(connection, room);
    if (there.size === 0) {
      rooms.delete(room);
      hooks.roomClosed(room);
    }
  };

  return {
    join(connection, room) {
      let there = rooms.get(room);
      if (!there) {
        there = new Set();
        rooms.set(room, there);
        hooks.roomOpened(room);
      }
      if (there.has(connection)) return;
      there.add(connection);
      connection.rooms.add(room);
      connection.subscribe(room);
    },
    leave,
    evict(room, userId) {
      const evicted = [...(rooms.get(room) ?? [])].filter((connection) => connection.actor.id === userId);
      for (const connection of evicted) leave(connection, room);
      return evicted;
    },
    close(room) {
      for (const connection of [...(rooms.get(room) ?? [])]) leave(connection, room);
    },
    drop(connection) {
      for (const room of [...connection.rooms]) leave(connection, room);
      const own = people.get(connection.actor.id);
      own?.delete(connection);
      if (own?.size === 0) people.delete(connection.actor.id);
    },
    members: (room) => rooms.get(room) ?? nobody,
    connectionsOf: (userId) => people.get(userId) ?? nobody,
    add(connection) {
      const own = people.get(connection.actor.id);
      if (own) own.add(connection);
      else people.set(connection.actor.id, new Set([connection]));
    },
    *all() {
      for (const own of people.values()) yield* own;
    },
    count: () => [...people.values()].reduce((sum, own) => sum + own.size, 0),
    publish: (room, frame) => publisher.publish(room, frame),
  };
}
