/** A task as it was when somebody wrote it down. */

import { endPosition } from "../../db/position.ts";
import type { Priority, Task } from "../../protocol/tasks.ts";
import { type Board, domainOf, parentOf, subjectOf, taskId } from "./board.ts";
import { createRandom, shuffled } from "./random.ts";
import type { Story } from "./story.ts";
import { iso, type WorkTime } from "./work-time.ts";

const priorities: readonly Priority[] = [
  "none",
  "none",
  "low",
  "low",
  "medium",
  "medium",
  "medium",
  "high",
  "high",
  "urgent",
];
const hours = [0.5, 1, 2, 3, 5, 8, 13];

export interface FirstTask {
  /** Which of the project's made-up tasks it is. */
  readonly task: number;
  readonly number: number;
  readonly story: Story;
  readonly time: WorkTime;
  readonly createdBy: string;
}

export function firstTask(board: Board, { task, number, story, time, createdBy }: FirstTask): Task {
  const random = createRandom(board.seed, "task", board.index, task);
  const createdAt = iso(time.at(story.createdDay));
  const [first] = board.columns;
  if (!first) throw new Error("a board has columns");
  const above = parentOf(board, task);
  const { title, description, label } = textOf(board, task);
  return {
    id: taskId(board, task),
    project_id: board.project.id,
    number,
    key: `${board.project.key}-${number}`,
    title,
    description,
    status: first.status,
    position: endPosition(number, random.next),
    priority: random.pick(priorities),
    assignee_ids: random.chance(0.4) ? someOf(board.assignees, random.chance(0.15) ? 2 : 1, random) : [],
    label_ids: labelIds(
      board,
      label,
      random.chance(0.2) ? random.pick(board.labels.map(({ name }) => name)) : undefined,
    ),
    start_at: story.due?.start_at ?? null,
    due_at: story.due?.due_at ?? null,
    all_day: story.due?.all_day ?? false,
    estimate: random.chance(0.5) ? random.pick(hours) : null,
    parent_id: above ? taskId(board, above.parent) : null,
    blocked_by_ids: [],
    version: 1,
    created_by: createdBy,
    created_at: createdAt,
    updated_at: createdAt,
    completed_at: null,
    archived_at: null,
  };
}

/** Sorted, as the server keeps sets of ids. */
export const someOf = (ids: readonly string[], count: number, random: ReturnType<typeof createRandom>): string[] =>
  shuffled(ids, random).slice(0, count).sort();

function labelIds({ labels }: Board, ...names: readonly (string | undefined)[]): string[] {
  const ids = labels.filter(({ name }) => names.includes(name)).map(({ id }) => id);
  return [...new Set(ids)].sort();
}

function textOf(board: Board, task: number): { title: string; description: string; label: string | undefined } {
  const { points, subtasks } = domainOf(board.index);
  const random = createRandom(board.seed, "text", board.index, task);
  const above = parentOf(board, task);
  if (above) {
    const own = shuffled(subtasks, createRandom(board.seed, "subtasks", board.index, above.parent));
    return { title: own[above.nth % own.length] ?? "", description: "", label: undefined };
  }
  const { title, why, label } = subjectOf(board, task);
  if (random.chance(0.1)) return { title, description: "", label };
  const list = shuffled(points, random).slice(0, 2 + random.int(3));
  const detail = random.chance(0.35) ? `\n\n**Done when**\n\n${list.map((point) => `- ${point}`).join("\n")}` : "";
  return { title, description: why + detail, label };
}
