/** What each node knows of a person in a room, and what the room is shown of it. */
import { PresenceStatus, type UserPresence } from "../protocol/presence.ts";
import type { RoomName } from "../protocol/rooms.ts";

/** One person in one room by the connections of one node. */
export interface Part {
  readonly status: Exclude<PresenceStatus, "offline">;
  readonly taskId: string | undefined;
  /** When the task was declared, in ms: of several nodes the latest counts. */
  readonly declaredAtMs: number;
  readonly lastSeenAtMs: number;
  /** No connection is left: for a while it is as it was, unless the person is elsewhere. */
  readonly leaving: boolean;
}

export interface Entry {
  readonly room: RoomName;
  readonly userId: string;
  /** By the connections of this node. */
  own: Part | undefined;
  /** By those of others, by node; absent where there are none. */
  others: Map<string, Part> | undefined;
  /** What the other nodes last heard of `own`. */
  said: Part | undefined;
  /** Status and task as the room last heard them here. */
  toldStatus: PresenceStatus;
  toldTaskId: string | undefined;
  lastSeenAtMs: number;
}

export type Shown = Pick<UserPresence, "status" | "task_id">;

export const newEntry = (room: RoomName, userId: string): Entry => ({
  room,
  userId,
  own: undefined,
  others: undefined,
  said: undefined,
  toldStatus: "offline",
  toldTaskId: undefined,
  lastSeenAtMs: 0,
});

export const ranks = { busy: 4, active: 3, idle: 2, away: 1, offline: 0 } as const satisfies Record<
  PresenceStatus,
  number
>;

function* partsOf({ own, others }: Entry): Iterable<Part> {
  if (own) yield own;
  if (others) yield* others.values();
}

/** The busiest status and the latest task over all nodes; offline where nobody knows of the person. Notes when they were seen. */
export function shownOf(entry: Entry): Shown {
  for (const { lastSeenAtMs } of partsOf(entry)) entry.lastSeenAtMs = Math.max(entry.lastSeenAtMs, lastSeenAtMs);
  let parts = [...partsOf(entry)].filter(({ leaving }) => !leaving);
  if (parts.length === 0) {
    parts = [...partsOf(entry)];
    if (parts.length > 0 && entry.toldStatus !== "offline") return shown(entry.toldStatus, entry.toldTaskId);
  }
  let [status, latest]: [PresenceStatus, Part | undefined] = ["offline", undefined];
  for (const part of parts) {
    if (ranks[part.status] > ranks[status]) status = part.status;
    if (!latest || part.declaredAtMs > latest.declaredAtMs) latest = part;
  }
  return shown(status, latest?.taskId);
}

const shown = (status: PresenceStatus, taskId: string | undefined): Shown => ({
  status,
  ...(taskId !== undefined && { task_id: taskId }),
});

export const presenceText = ({ userId, lastSeenAtMs }: Entry, shown: Shown): string =>
  JSON.stringify({
    user_id: userId,
    ...shown,
    last_seen_at: new Date(lastSeenAtMs).toISOString(),
  } satisfies UserPresence);

export interface PartLine {
  readonly roomId: string;
  readonly userId: string;
  /** Undefined: the node knows no longer of the person. */
  readonly part: Part | undefined;
}

/** One part as nodes tell it: words without anything that JSON would escape. */
export const lineOf = ({ roomId, userId, part }: PartLine): string =>
  part
    ? `${roomId} ${userId} ${part.status} ${part.leaving ? 1 : 0} ${part.lastSeenAtMs} ${part.declaredAtMs} ${part.taskId ?? ""}`
    : `${roomId} ${userId}`;

/** Takes back `lineOf`; undefined where it is none, as of a newer version. */
export function parseLine(line: string): PartLine | undefined {
  const [roomId, userId, status, leaving, lastSeenAtMs, declaredAtMs, taskId] = line.split(" ");
  if (!roomId || !userId) return undefined;
  if (status === undefined) return { roomId, userId, part: undefined };
  const known = PresenceStatus.exclude(["offline"]).safeParse(status);
  const times = [Number(lastSeenAtMs), Number(declaredAtMs)] as const;
  if (!known.success || !times.every(Number.isFinite)) return undefined;
  const part = {
    status: known.data,
    taskId: taskId || undefined,
    declaredAtMs: times[1],
    lastSeenAtMs: times[0],
    leaving: leaving === "1",
  };
  return { roomId, userId, part };
}
