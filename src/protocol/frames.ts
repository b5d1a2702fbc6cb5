/** Frames a client sends (S2), with the answer of each. */
import { z } from "zod";
import { Comment, CreateComment } from "./comments.ts";
import type { Scope } from "./endpoint.ts";
import { LoggedEvent } from "./event.ts";
import { Id, MutationId, Since } from "./ids.ts";
import { ReadNotifications, UnreadCount } from "./notifications.ts";
import { PresenceStatus, UserPresence } from "./presence.ts";
import { StatusSlug } from "./projects.ts";
import { Connected } from "./sessions.ts";
import { CreateTask, idSet, MoveTask, Task, TaskChanges, Version } from "./tasks.ts";

export const FrameId = z.union([z.int(), z.string().max(200)]);
export type FrameId = z.infer<typeof FrameId>;

export const ClientFrame = z.strictObject({
  id: FrameId.optional(),
  event: z.string().max(100),
  data: z.unknown().optional(),
});
export type ClientFrame = z.infer<typeof ClientFrame>;

const mutation = { mutation_id: MutationId.optional() };
const TaskAnswer = z.object({ task: Task, seq: z.int() });

/** Answer of `join_project` and, without `presence`, of `resume_user` (S5). */
export const RoomPage = z.object({
  room: z.string(),
  epoch: z.string(),
  seq: z.int(),
  /** Where the room is: how far it is still to go where there is `more`. */
  head: z.int().optional(),
  recovered: z.boolean(),
  events: z.array(LoggedEvent),
  more: z.boolean(),
});
export type RoomPage = z.infer<typeof RoomPage>;
export const JoinedProject = RoomPage.extend({ presence: z.array(UserPresence) });
export type JoinedProject = z.infer<typeof JoinedProject>;

export const clientFrames = {
  authenticate: {
    data: z.strictObject({ token: z.string().min(1).max(8192) }),
    answer: z.object({ expires_at: z.string() }),
  },
  register: { data: z.looseObject({ user_id: z.string().optional() }), answer: Connected },
  join_project: { data: z.strictObject({ project_id: Id, since: Since.nullish() }), answer: JoinedProject },
  leave_project: { data: z.strictObject({ project_id: Id }), answer: z.object({}) },
  resume_user: { data: z.strictObject({ since: Since }), answer: RoomPage },
  task_create: { data: CreateTask.safeExtend({ project_id: Id }), answer: TaskAnswer },
  task_update: {
    data: z.strictObject({ task_id: Id, version: Version.optional(), changes: TaskChanges, ...mutation }),
    answer: TaskAnswer,
  },
  task_status_update: {
    data: z.strictObject({ task_id: Id, status: StatusSlug, version: Version.optional(), ...mutation }),
    answer: TaskAnswer,
  },
  task_move: { data: MoveTask.safeExtend({ task_id: Id }), answer: TaskAnswer },
  task_assign: {
    data: z.strictObject({ task_id: Id, assignee_ids: idSet(50), ...mutation }),
    answer: TaskAnswer,
  },
  task_delete: { data: z.strictObject({ task_id: Id, ...mutation }), answer: TaskAnswer },
  new_comment: {
    data: CreateComment.safeExtend({ task_id: Id }),
    answer: z.object({ comment: Comment, seq: z.int() }),
  },
  user_typing: {
    data: z.strictObject({ project_id: Id, task_id: Id, is_typing: z.boolean() }),
    answer: z.object({}),
  },
  presence_update: {
    data: z.strictObject({ status: PresenceStatus.exclude(["offline"]), task_id: Id.optional() }),
    answer: z.object({}),
  },
  mark_read: { data: ReadNotifications, answer: UnreadCount },
  ping: { data: z.strictObject({}), answer: z.object({ server_time: z.string() }) },
} as const;

export type ClientFrameName = keyof typeof clientFrames;

/** What an API key needs; `any`: every key that may open a socket, which takes `read`. */
export const frameScopes = {
  authenticate: "any",
  register: "any",
  ping: "any",
  join_project: "read",
  leave_project: "read",
  resume_user: "read",
  presence_update: "read",
  task_create: "write",
  task_update: "write",
  task_status_update: "write",
  task_move: "write",
  task_assign: "write",
  task_delete: "write",
  new_comment: "write",
  user_typing: "write",
  mark_read: "write",
} as const satisfies Record<ClientFrameName, Scope | "any">;
export type FrameData<Name extends ClientFrameName> = z.output<(typeof clientFrames)[Name]["data"]>;
export type FrameInput<Name extends ClientFrameName> = z.input<(typeof clientFrames)[Name]["data"]>;
export type FrameAnswer<Name extends ClientFrameName> = z.infer<(typeof clientFrames)[Name]["answer"]>;
