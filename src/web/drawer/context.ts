/** What every part of an open task is handed. */
import type { ProjectStore } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "../board/context.ts";
import type { Drafts } from "./drafts.ts";

export type TaskDetail = ReturnType<ProjectStore["openTask"]>;

export interface Opened {
  readonly board: Board;
  readonly detail: TaskDetail;
  readonly task: Task;
  readonly drafts: Drafts;
}
