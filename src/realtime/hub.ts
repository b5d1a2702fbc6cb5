/** Rooms ↔ connections on this node. Knows who hears what; the sending itself is the transport's topic. */
import type { Meter } from "../core/meter.ts";
import { type RoomKind, type RoomName, roomId, roomKind, userRoom } from "../protocol/rooms.ts";
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
  hears(connection: Connection, room: RoomName): boolean;
  members(room: RoomName): Iterable<Connection>;
  /** Does anybody here hear it? */
  isHeard(room: RoomName): boolean;
  /** One person's connections: those that joined the person's own room, as every one does before it hears anything. */
  connectionsOf(userId: string): Iterable<Connection>;
  /** Every room somebody hears, with how many connections do. */
  sizes(): Iterable<readonly [room: RoomName, connections: number]>;
  /** One frame to everyone who hears the room. */
  publish(room: RoomName, frame: string): void;
}

export interface HubHooks {
  readonly meter: Pick<Meter, "framesPublished" | "framesDelivered">;
  /** The first connection of this node joined a room, or the last one left it. */
  readonly roomOpened: (room: RoomName) => void;
  readonly roomClosed: (room: RoomName) => void;
  /** A connection joined or left a room; presence and typing follow it. */
  readonly left: (connection: Connection, room: RoomName) => void;
}

/** Most rooms of idle connections are one person's own, with one window open: such a room costs no Set. */
type Members = Connection | Set<Connection>;

function* each(members: Members | undefined): Iterable<Connection> {
  if (members instanceof Set) yield* members;
  else if (members) yield members;
}

const sizeOf = (members: Members | undefined): number => (members instanceof Set ? members.size : members ? 1 : 0);

export function createHub(publisher: Publisher, hooks: HubHooks): Hub {
  const rooms = new Map<RoomName, Members>();

  const hears = (connection: Connection, room: RoomName): boolean => {
    const there = rooms.get(room);
    return there === connection || (there instanceof Set && there.has(connection));
  };

  const leave = (connection: Connection, room: RoomName): void => {
    const there = rooms.get(room);
    const last = there === connection;
    if (!last && !(there instanceof Set && there.delete(connection))) return;
    const empty = last || (there instanceof Set && there.size === 0);
    if (empty) rooms.delete(room);
    connection.rooms.splice(connection.rooms.indexOf(room), 1);
    connection.unsubscribe(room);
    hooks.left(connection, room);
    if (empty) hooks.roomClosed(room);
  };

  return {
    join(connection, room) {
      if (hears(connection, room)) return;
      const there = rooms.get(room);
      if (there instanceof Set) there.add(connection);
      else rooms.set(room, there ? new Set([there, connection]) : connection);
      if (!there) hooks.roomOpened(room);
      connection.rooms.push(room);
      connection.subscribe(room);
    },
    leave,
    evict(room, userId) {
      const evicted = [...each(rooms.get(room))].filter((connection) => connection.actor.id === userId);
      for (const connection of evicted) leave(connection, room);
      return evicted;
    },
    close(room) {
      for (const connection of [...each(rooms.get(room))]) leave(connection, room);
    },
    drop(connection) {
      for (const room of [...connection.rooms]) leave(connection, room);
    },
    hears,
    members: (room) => each(rooms.get(room)),
    isHeard: (room) => rooms.has(room),
    connectionsOf: (userId) => each(rooms.get(userRoom(userId))),
    *sizes() {
      for (const [room, members] of rooms) yield [room, sizeOf(members)];
    },
    publish(room, frame) {
      hooks.meter.framesPublished++;
      hooks.meter.framesDelivered += sizeOf(rooms.get(room));
      publisher.publish(room, frame);
    },
  };
}

/** Connections by the id behind their rooms of this kind. */
export function roomSizes(hub: Pick<Hub, "sizes">, kind: RoomKind): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [room, connections] of hub.sizes()) if (roomKind(room) === kind) sizes.set(roomId(room), connections);
  return sizes;
}
