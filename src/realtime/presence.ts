/**
 * Who is here (S5): one entry a person and room, over all of the person's tabs on all nodes. What a node knows by its own
 * connections it shares with the others; each node tells those who hear the room on it, of everybody. See decision 10.
 */
import type { CancelTimer, Clock } from "../core/clock.ts";
import type { PresenceStatus } from "../protocol/presence.ts";
import { projectRoom, type RoomName, roomId, roomKind } from "../protocol/rooms.ts";
import { createExpiry } from "./expiry.ts";
import { createGatherer, gatherWindowMs } from "./gather.ts";
import type { Hub } from "./hub.ts";
import { encodeEphemeral } from "./log.ts";
import type { Peers } from "./peers.ts";
import { type Entry, newEntry, type Part, type PartLine, presenceText, ranks, shownOf } from "./presence-parts.ts";
import { createSharing } from "./presence-sharing.ts";
import type { Connection } from "./transport/transport.ts";

/** What one connection says of its person. */
export interface Declared {
  readonly status: Part["status"];
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
  readonly hub: Pick<Hub, "connectionsOf" | "hears" | "isHeard" | "publish">;
  readonly peers: Peers;
}

type Declaration = Declared & { readonly turn: number; readonly atMs: number };

/** A reload or a short loss of the line is not told to anybody. */
const graceMs = 10_000;
/** Texts of a list are kept for so long: of a thousand people who come back to one room each is told of all the others. */
const textsMs = 1_000;

export function createPresence({ clock, hub, peers }: PresenceOptions): Presence {
  const rooms = new Map<RoomName, Map<string, Entry>>();
  const declarations = new WeakMap<Connection, Declaration>();
  let turns = 0;

  /** What `listText` wrote of late. */
  const texts = new Map<Entry, string>();
  let stopForgetting: CancelTimer | undefined;

  const changed = (entry: Entry): void => {
    texts.delete(entry);
    changes.mark(entry.room, entry);
  };

  const leaving = createExpiry<Entry>(clock, graceMs, (entry) => {
    entry.own = undefined;
    changed(entry);
  });

  const changes = createGatherer<Entry>(clock, gatherWindowMs, (room, entry) => {
    share(entry);
    const shown = shownOf(entry);
    if (shown.status === "offline") remove(entry);
    if (entry.toldStatus === shown.status && entry.toldTaskId === shown.task_id) return;
    entry.toldStatus = shown.status;
    entry.toldTaskId = shown.task_id;
    texts.delete(entry);
    if (!hub.isHeard(room)) return;
    hub.publish(
      room,
      encodeEphemeral("user_presence", new Date(clock.now()).toISOString(), presenceText(entry, shown), room),
    );
  });

  const sharing = createSharing({
    clock,
    peers,
    *own() {
      for (const entry of all()) if (entry.own) yield { ...of(entry), part: entry.own };
    },
    apply: (node, line) => hear(node, line),
    replace(node, lines) {
      const kept = new Set(lines.map(({ roomId, userId }) => `${roomId} ${userId}`));
      for (const entry of all()) {
        if (entry.others?.has(node) && !kept.has(`${roomId(entry.room)} ${entry.userId}`))
          setOther(entry, node, undefined);
      }
      for (const line of lines) hear(node, line);
    },
    leave(node) {
      for (const entry of all()) {
        const part = entry.others?.get(node);
        if (part && !part.leaving) setOther(entry, node, { ...part, leaving: true });
      }
    },
    forget(node) {
      for (const entry of all()) if (entry.others?.has(node)) setOther(entry, node, undefined);
    },
  });

  function* all(): Iterable<Entry> {
    for (const entries of rooms.values()) yield* entries.values();
  }

  const hear = (node: string, { roomId, userId, part }: PartLine): void => {
    const room = projectRoom(roomId);
    const entry = part ? entryOf(room, userId) : rooms.get(room)?.get(userId);
    if (entry) setOther(entry, node, part);
  };

  const setOther = (entry: Entry, node: string, part: Part | undefined): void => {
    if (part) {
      entry.others ??= new Map();
      entry.others.set(node, part);
    } else if (entry.others?.delete(node) && entry.others.size === 0) entry.others = undefined;
    changed(entry);
  };

  /** Tells the other nodes of what changed by this node's connections. */
  const share = (entry: Entry): void => {
    const { own, said } = entry;
    if (own === said || (own && said && sameWords(own, said))) return;
    entry.said = own;
    sharing.say({ ...of(entry), part: own });
  };

  /** Empty for whoever is not there. */
  const textOf = (entry: Entry): string => {
    const shown = shownOf(entry);
    const text = shown.status === "offline" ? "" : presenceText(entry, shown);
    texts.set(entry, text);
    stopForgetting ??= clock.setTimeout(() => {
      stopForgetting = undefined;
      texts.clear();
    }, textsMs);
    return text;
  };

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
    let latest: Declaration | undefined;
    for (const connection of hub.connectionsOf(userId)) {
      if (!isPresent(connection) || !hub.hears(connection, room)) continue;
      const declared = declarations.get(connection);
      const own = declared?.status ?? "active";
      if (ranks[own] > ranks[status]) status = own;
      if (declared && declared.turn > (latest?.turn ?? 0)) latest = declared;
    }
    const lastSeenAtMs = clock.now();
    if (status === "offline") {
      if (!entry.own) return;
      leaving.touch(entry); // it stays as it is for the grace
      entry.own = { ...entry.own, lastSeenAtMs, leaving: true };
    } else {
      leaving.delete(entry);
      const taskId = latest?.task && projectRoom(latest.task.projectId) === room ? latest.task.id : undefined;
      entry.own = { status, taskId, declaredAtMs: latest?.atMs ?? 0, lastSeenAtMs, leaving: false };
    }
    changed(entry);
  };

  return {
    joined(connection, room) {
      if (isPresent(connection) && roomKind(room) === "project") derive(entryOf(room, connection.actor.id));
    },
    left(connection, room) {
      const entry = rooms.get(room)?.get(connection.actor.id);
      if (entry?.own) derive(entry);
    },
    declare(connection, declared) {
      if (!isPresent(connection)) return;
      declarations.set(connection, { ...declared, turn: ++turns, atMs: clock.now() });
      for (const room of connection.rooms) {
        if (roomKind(room) === "project") derive(entryOf(room, connection.actor.id));
      }
    },
    listText(room) {
      const list: string[] = [];
      for (const entry of rooms.get(room)?.values() ?? []) {
        const text = texts.get(entry) ?? textOf(entry);
        if (text !== "") list.push(text);
      }
      return `[${list.join(",")}]`;
    },
    stop() {
      stopForgetting?.();
      sharing.stop();
      leaving.stop();
      changes.stop();
    },
  };
}

/** A program with its person's key hears rooms; the person is not here for that. */
const isPresent = ({ actor }: Connection): boolean => actor.kind !== "key";

const of = ({ room, userId }: Entry) => ({ roomId: roomId(room), userId });

const sameWords = (a: Part, b: Part): boolean =>
  a.status === b.status && a.taskId === b.taskId && a.leaving === b.leaving && a.declaredAtMs === b.declaredAtMs;
