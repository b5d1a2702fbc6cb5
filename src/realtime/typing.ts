/** Who is typing on which task (S5, `user_typing`): told when it starts and when it ends, whatever ends it. */
import type { Clock } from "../core/clock.ts";
import type { Actor } from "../db/context.ts";
import type { EventData } from "../protocol/catalogue.ts";
import { projectRoom, type RoomName } from "../protocol/rooms.ts";
import { createExpiry } from "./expiry.ts";
import { createGatherer, gatherWindowMs } from "./gather.ts";
import { encodeEphemeral } from "./log.ts";
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
  /** An ephemeral frame to everyone who hears the room, on every node. */
  readonly cast: (room: RoomName, frame: string) => void;
}

/** One person on one task, over all of the person's connections. */
interface Entry {
  readonly room: RoomName;
  readonly key: string;
  readonly taskId: string;
  readonly user: EventData<"user_typing_status">["user"];
  readonly typists: Set<Typist>;
  /** What the room last heard. */
  told: boolean;
}

/** One connection on one task. */
interface Typist {
  readonly connection: Connection;
  readonly entry: Entry;
}

/** A client that goes on typing says so again before this is over. */
const typingMs = 6_000;

export function createTyping({ clock, cast }: TypingOptions): Typing {
  const rooms = new Map<RoomName, Map<string, Entry>>();
  const byConnection = new WeakMap<Connection, Map<string, Typist>>();

  const changes = createGatherer<Entry>(clock, gatherWindowMs, (room, entry) => {
    const isTyping = entry.typists.size > 0;
    if (!isTyping) forget(entry);
    if (entry.told === isTyping) return;
    entry.told = isTyping;
    const data = { task_id: entry.taskId, user: entry.user, is_typing: isTyping };
    cast(room, encodeEphemeral("user_typing_status", new Date(clock.now()).toISOString(), JSON.stringify(data), room));
  });

  const forget = ({ room, key }: Entry): void => {
    const entries = rooms.get(room);
    entries?.delete(key);
    if (entries?.size === 0) rooms.delete(room);
  };

  const end = (typist: Typist): void => {
    const { connection, entry } = typist;
    expiry.delete(typist);
    byConnection.get(connection)?.delete(entry.key);
    if (entry.typists.delete(typist) && entry.typists.size === 0) changes.mark(entry.room, entry);
  };

  const expiry = createExpiry<Typist>(clock, typingMs, end);

  const entryOf = (room: RoomName, taskId: string, actor: Actor): Entry => {
    const key = `${taskId} ${actor.id}`;
    let entries = rooms.get(room);
    if (!entries) {
      entries = new Map();
      rooms.set(room, entries);
    }
    let entry = entries.get(key);
    if (!entry) {
      entry = { room, key, taskId, user: userOf(actor), typists: new Set(), told: false };
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
    const entry = entryOf(room, taskId, connection.actor);
    let typist = own.get(entry.key);
    if (!typist) {
      typist = { connection, entry };
      own.set(entry.key, typist);
      entry.typists.add(typist);
      changes.mark(room, entry);
    }
    expiry.touch(typist);
  };

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
