/**
 * Who is typing on which task (S5, `user_typing`): told when it starts and when it ends, whatever ends it. Each node tells the
 * others of its own typists, and those who hear the room on it of everybody.
 */
import type { Clock } from "../core/clock.ts";
import type { Actor } from "../db/context.ts";
import type { EventData } from "../protocol/catalogue.ts";
import { projectRoom, type RoomName, roomId } from "../protocol/rooms.ts";
import { createExpiry } from "./expiry.ts";
import { createGatherer, gatherWindowMs } from "./gather.ts";
import type { Hub } from "./hub.ts";
import { encodeEphemeral } from "./log.ts";
import type { Peers } from "./peers.ts";
import type { Connection } from "./transport/transport.ts";

export interface Typing {
  /** The caller checked that the connection joined the project and the task belongs to it. */
  set(connection: Connection, projectId: string, taskId: string, isTyping: boolean): void;
  /** The hub's `left` hook: whoever leaves a room types there no longer. */
  left(connection: Connection, room: RoomName): void;
  stop(): void;
}

export interface TypingOptions {
  readonly clock: Clock;
  readonly hub: Pick<Hub, "isHeard" | "publish">;
  readonly peers: Peers;
}

/** One person on one task, over all of the person's connections. */
interface Entry {
  readonly room: RoomName;
  readonly key: string;
  readonly taskId: string;
  readonly user: EventData<"user_typing_status">["user"];
  readonly typists: Set<Typist>;
  /** What the room last heard here. */
  told: boolean;
  /** What the other nodes last heard of those who type here. */
  said: boolean;
}

/** One connection on one task, or another node on which somebody types. */
interface Typist {
  readonly by: Connection | string;
  readonly entry: Entry;
}

/** What nodes tell each other. */
interface Word {
  readonly project_id: string;
  readonly task_id: string;
  readonly user: Entry["user"];
  readonly is_typing: boolean;
}

/** A client that goes on typing says so again before this is over. */
const typingMs = 6_000;
/** As often at most a node tells the others that somebody goes on … */
const againMs = 1_000;
/** … who wait for it so much longer. */
const elsewhereMs = typingMs + againMs;

export function createTyping({ clock, hub, peers }: TypingOptions): Typing {
  const rooms = new Map<RoomName, Map<string, Entry>>();
  const byConnection = new WeakMap<Connection, Map<string, Typist>>();

  const changes = createGatherer<Entry>(clock, gatherWindowMs, (room, entry) => {
    const isTyping = entry.typists.size > 0;
    const isTypingHere = [...entry.typists].some(({ by }) => typeof by !== "string");
    if (!isTyping) forget(entry);
    if (entry.said !== isTypingHere) say(entry, isTypingHere);
    if (entry.told === isTyping) return;
    entry.told = isTyping;
    if (!hub.isHeard(room)) return;
    const data = { task_id: entry.taskId, user: entry.user, is_typing: isTyping };
    hub.publish(
      room,
      encodeEphemeral("user_typing_status", new Date(clock.now()).toISOString(), JSON.stringify(data), room),
    );
  });

  const again = createExpiry<Entry>(clock, againMs, () => {});
  const say = (entry: Entry, isTyping: boolean): void => {
    entry.said = isTyping;
    if (isTyping) again.touch(entry);
    else again.delete(entry);
    const { room, taskId: task_id, user } = entry;
    const word = { project_id: roomId(room), task_id, user, is_typing: isTyping } satisfies Word;
    peers.tell("typing", JSON.stringify(word));
  };

  const forget = ({ room, key }: Entry): void => {
    const entries = rooms.get(room);
    entries?.delete(key);
    if (entries?.size === 0) rooms.delete(room);
  };

  const end = (typist: Typist): void => {
    const { by, entry } = typist;
    expiry.delete(typist);
    elsewhere.delete(typist);
    if (typeof by !== "string") byConnection.get(by)?.delete(entry.key);
    if (entry.typists.delete(typist)) changes.mark(entry.room, entry);
  };

  const expiry = createExpiry<Typist>(clock, typingMs, end);
  const elsewhere = createExpiry<Typist>(clock, elsewhereMs, end);

  const entryOf = (room: RoomName, taskId: string, user: Entry["user"]): Entry => {
    const key = `${taskId} ${user.id}`;
    let entries = rooms.get(room);
    if (!entries) {
      entries = new Map();
      rooms.set(room, entries);
    }
    let entry = entries.get(key);
    if (!entry) {
      entry = { room, key, taskId, user, typists: new Set(), told: false, said: false };
      entries.set(key, entry);
    }
    return entry;
  };

  const begin = (connection: Connection, room: RoomName, taskId: string): void => {
    let own = byConnection.get(connection);
    if (!own) {
      own = new Map();
      byConnection.set(connection, own);
    }
    const entry = entryOf(room, taskId, userOf(connection.actor));
    let typist = own.get(entry.key);
    if (!typist) {
      typist = { by: connection, entry };
      own.set(entry.key, typist);
      entry.typists.add(typist);
      changes.mark(room, entry);
    } else if (entry.said && !again.has(entry)) say(entry, true);
    expiry.touch(typist);
  };

  peers.heard("typing", (node, text) => {
    const { project_id, task_id, user, is_typing }: Word = JSON.parse(text);
    const room = projectRoom(project_id);
    const known = rooms.get(room)?.get(`${task_id} ${user.id}`);
    if (!is_typing && !known) return;
    const entry = known ?? entryOf(room, task_id, user);
    let typist = [...entry.typists].find(({ by }) => by === node);
    if (!is_typing) {
      if (typist) end(typist);
      return;
    }
    if (!typist) {
      typist = { by: node, entry };
      entry.typists.add(typist);
      changes.mark(room, entry);
    }
    elsewhere.touch(typist);
  });

  return {
    set(connection, projectId, taskId, isTyping) {
      if (isTyping) return begin(connection, projectRoom(projectId), taskId);
      const typist = byConnection.get(connection)?.get(`${taskId} ${connection.actor.id}`);
      if (typist) end(typist);
    },
    left(connection, room) {
      for (const typist of byConnection.get(connection)?.values() ?? []) if (typist.entry.room === room) end(typist);
    },
    stop() {
      expiry.stop();
      elsewhere.stop();
      again.stop();
      changes.stop();
    },
  };
}

const userOf = (actor: Actor): Entry["user"] => ({
  id: actor.id,
  name: actor.name,
  avatar_url: actor.avatarUrl,
  role: actor.role,
});
