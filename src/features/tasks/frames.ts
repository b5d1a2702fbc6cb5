/** The sockets' frames on tasks. */
import { RawJson } from "../../core/raw-json.ts";
import type { FrameHandlers } from "../../realtime/transport/frame-handlers.ts";
import { assignTask, moveTask, updateTask, updateTaskStatus } from "./change.ts";
import { createTask, deleteTask } from "./service.ts";
import type { Written } from "./submit.ts";

const answer = ({ json, seq }: Written): RawJson => new RawJson(`{"task":${json.text},"seq":${seq}}`);

export const taskFrames = {
  task_create: async ({ ctx }, data) => answer(await createTask(ctx, data)),
  task_update: async ({ ctx }, data) => answer(await updateTask(ctx, data, "changes.")),
  task_status_update: async ({ ctx }, data) => answer(await updateTaskStatus(ctx, data)),
  task_move: async ({ ctx }, data) => answer(await moveTask(ctx, data)),
  task_assign: async ({ ctx }, data) => answer(await assignTask(ctx, data)),
  task_delete: async ({ ctx }, data) => answer(await deleteTask(ctx, data)),
} satisfies FrameHandlers;
