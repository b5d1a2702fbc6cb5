/**
 * Who is here (S5): one entry a person and room, over all of the person's tabs on this node. It is derived from the
 * connections that joined the room; kept are only what a connection declared, what was last told, and who just left.
 */
import type { Clock } from "../core/clock.ts";
import type { PresenceStatus, UserPresence } from "../protocol/presence.ts";
import { projectRoom, type RoomName, roomKind } from "../protocol/rooms.ts";
import { createExpiry } from "./expiry.ts";
import { createGatherer, gatherWindowMs } from "./gather.ts";
import type { Hub } from "./hub.ts";
import { encodeEphemeral } from "./log.ts";
import type { Connection } from "./transport/transport.ts";

/** What one connection says of its person. */
export interface Declared {
  readonly status: Exclude<PresenceStatus, "offline">;
  /** With the project it belongs to: it is shown in that project's room alone. */
  readonly task?: { readonly id: string; readonly projectId: string } | undefined;
}

export interface Presence {
  /** The connection joined the room (and is among the hub's members by now). */
  joined(connection: Connection, room: RoomName): void;
  /** The hub's `left` hook. */
  left(connection: Connection, room: RoomName): void;
  declare(connection: Connection, declared: Declared): void;
  /** JSON text of the list of `user_presence` data that S5 answers. */
  listText(room: RoomName): string;
  stop(): void;
}

export interface PresenceOptions {
  readonly clock: Clock;
  readonly hub: Pick<Hub, "connectionsOf" | "hears">;
  /** An ephemeral frame to everyone who hears the room, on every node. */
  readonly cast: (room: RoomName, frame: string) => void;
}

interface Entry {
  readonly room: RoomName;
  readonly userId: string;
  status: PresenceStatus;
  taskId: string | undefined;
  lastSeenAtMs: number;
  /** Status and task as the room last heard them. */
  toldStatus: PresenceStatus | undefined;
  toldTaskId: string | undefined;
}

/** A reload or a short loss of the line is not told to anybody. */
const graceMs = 10_000;

const ranks = { busy: 4, active: 3, idle: 2, away: 1, offline: 0 } as const satisfies Record<PresenceStatus, number>;

export function createPresence({ clock, hub, cast }: PresenceOptions): Presence {
  const rooms = new Map<RoomName, Map<string, Entry>>();
  const declarations = new WeakMap<Connection, Declared & { readonly turn: number }>();
  let turns = 0;

  const leaving = createExpiry<Entry>(clock, graceMs, (entry) => {
    entry.status = "offline";
    entry.taskId = undefined;
    changes.mark(entry.room, entry);
  });

  const changes = createGatherer<Entry>(clock, gatherWindowMs, (room, entry) => {
    if (entry.status === "offline") remove(entry);
    if (entry.toldStatus === entry.status && entry.toldTaskId === entry.taskId) return;
    entry.toldStatus = entry.status;
    entry.toldTaskId = entry.taskId;
    cast(room, encodeEphemeral("user_presence", new Date(clock.now()).toISOString(), entryText(entry), room));
  });

  const remove = ({ room, userId }: Entry): void => {
    const entries = rooms.get(room);
    entries?.delete(userId);
    if (entries?.size === 0) rooms.delete(room);
  };

  const entryOf = (room: RoomName, userId: string): Entry => {
    let entries = rooms.get(room);
    if (!entries) {
      entries = new Map();
      rooms.set(room, entries);
    }
    let entry = entries.get(userId);
    if (!entry) {
      entry = newEntry(room, userId);
      entries.set(userId, entry);
    }
    return entry;
  };

  /** Looks at the person's connections in the room again. */
  const derive = (entry: Entry): void => {
    const { room, userId } = entry;
    let status: PresenceStatus = "offline";
    let latest: (Declared & { readonly turn: number }) | undefined;
    for (const connection of hub.connectionsOf(userId)) {
      if (!isPresent(connection) || !hub.hears(connection, room)) continue;
      const declared = declarations.get(connection);
      const own = declared?.status ?? "active";
      if (ranks[own] > ranks[status]) status = own;
      if (declared && declared.turn > (latest?.turn ?? 0)) latest = declared;
    }
    entry.lastSeenAtMs = clock.now();
    if (status === "offline") {
      leaving.touch(entry); // the entry stays as it is for the grace
      return;
    }
    leaving.delete(entry);
    entry.status = status;
    entry.taskId = latest?.task && projectRoom(latest.task.projectId) === room ? latest.task.id : undefined;
    changes.mark(room, entry);
  };

  return {
    joined(connection, room) {
      if (isPresent(connection) && roomKind(room) === "project") derive(entryOf(room, connection.actor.id));
    },
    left(connection, room) {
      const entry = rooms.get(room)?.get(connection.actor.id);
      if (entry && entry.status !== "offline") derive(entry);
    },
    declare(connection, declared) {
      if (!isPresent(connection)) return;
      declarations.set(connection, { ...declared, turn: ++turns });
      for (const room of connection.rooms) {
        if (roomKind(room) === "project") derive(entryOf(room, connection.actor.id));
      }
    },
    listText(room) {
      const texts: string[] = [];
      for (const entry of rooms.get(room)?.values() ?? []) {
        if (entry.status !== "offline") texts.push(entryText(entry));
      }
      return `[${texts.join(",")}]`;
    },
    stop() {
      leaving.stop();
      changes.stop();
    },
  };
}

/** A program with its person's key hears rooms; the person is not here for that. */
const isPresent = ({ actor }: Connection): boolean => actor.kind !== "key";

const newEntry = (room: RoomName, userId: string): Entry => ({
  room,
  userId,
  status: "offline",
  taskId: undefined,
  lastSeenAtMs: 0,
  toldStatus: undefined,
  toldTaskId: undefined,
});

const entryText = ({ userId, status, taskId, lastSeenAtMs }: Entry): string =>
  JSON.stringify({
    user_id: userId,
    status,
    ...(taskId !== undefined && { task_id: taskId }),
    last_seen_at: new Date(lastSeenAtMs).toISOString(),
  } satisfies UserPresence);
