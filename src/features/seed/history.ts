/** The whole history of one made-up task, from its first day to now. */
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { type Board, momentOf, parentOf, taskId } from "./board.ts";
import { checklistSteps } from "./checklist.ts";
import { type FirstTask, firstTask, someOf } from "./first-task.ts";
import { createRandom } from "./random.ts";
import { type Story, storyOf } from "./story.ts";
import { talkAbout } from "./talk.ts";
import { advance, type Step, type TaskSet } from "./task-state.ts";
import { dayMs, iso, type WorkTime } from "./work-time.ts";

/** The made-up tasks of a project that are made together: `from` to below `to`, spread over the whole past. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Number of the first of them. */
  readonly firstNumber: number;
}

export interface History {
  /** Which of the project's made-up tasks it is. */
  readonly index: number;
  readonly first: Task;
  readonly last: Task;
  /** In the order of time; the first makes the task. */
  readonly steps: readonly Step[];
}

/** Is this made-up task in the project? A later one may wait for it or be its subtask. */
export type Exists = (task: number) => boolean;

export function createHistory(board: Board, span: Span, index: number, time: WorkTime, exists: Exists): History {
  const moment = momentOf(board, index) - span.from;
  const createdDay = (Math.max(moment, 0) / (span.to - span.from)) * time.days;
  const story = storyOf(board, index, createdDay, time);
  const by = story.random.pick(board.people);
  const number = span.firstNumber + index - span.from;
  const made = firstTask(board, { task: index, number, story, time, createdBy: by.id } satisfies FirstTask);
  const above = parentOf(board, index);
  const first = above && !exists(above.parent) ? { ...made, parent_id: null } : made;
  const later = [
    ...changesOf(board, index, first, story, time, exists),
    ...talkAbout(board, index, first, story, time),
    ...checklistSteps(board, index, first, story, time),
  ];
  // `sort` is stable: what happened at one moment stays in its order.
  later.sort((one, other) => one.atMs - other.atMs);
  const steps: Step[] = [{ atMs: time.at(createdDay), by, act: { kind: "create" } }, ...later];
  const isDone = doneIn(board);
  return { index, first, steps, last: steps.reduce((task, step) => advance(task, step, isDone), first) };
}

export const doneIn = ({ columns }: Pick<Board, "columns">): ((status: string) => boolean) => {
  const done = new Set(columns.filter((column) => column.done).map(({ status }) => status));
  return (status) => done.has(status);
};

function changesOf(board: Board, index: number, first: Task, story: Story, time: WorkTime, exists: Exists): Step[] {
  const random = createRandom(board.seed, "changes", board.index, index);
  const { createdDay, moves, startedDay, doneDay } = story;
  const steps: Step[] = [];
  const change = (day: number, by: User, set: TaskSet): void => {
    if (day < time.days) steps.push({ atMs: time.at(day), by, act: { kind: "change", set } });
  };
  const someone = () => random.pick(board.people);
  const worker = someone();
  const waitsUntil = startedDay ?? time.days;

  const [edits, waits, postponed, blocked, handedOver] = [0.15, 0.3, 0.12, 0.06, 0.06].map((p) => random.chance(p));
  const between = (from: number, to: number): number => from + random.next() * (to - from);
  if (edits)
    change(between(createdDay, waitsUntil), someone(), { priority: random.pick(["high", "medium", "urgent"]) });
  if (waits && first.assignee_ids.length === 0 && startedDay === undefined)
    change(between(createdDay, time.days), someone(), { assignee_ids: someOf(board.assignees, 1, random) });
  if (blocked && !story.isSubtask && doneDay === undefined) {
    const blocker = index - 1 - random.int(8);
    if (blocker >= 0 && exists(blocker) && !parentOf(board, blocker))
      change(createdDay + 0.03, someone(), { blocked_by_ids: [taskId(board, blocker)] });
  }
  if (postponed && first.due_at && startedDay !== undefined) {
    const due_at = iso(Date.parse(first.due_at) + (1 + random.int(6)) * dayMs);
    change(between(startedDay, doneDay ?? time.days), worker, { due_at });
  }
  const unassigned = first.assignee_ids.length === 0;
  for (const [i, { status, day }] of moves.entries())
    change(day, worker, i === 0 && unassigned ? { status, assignee_ids: [worker.id] } : { status });
  if (handedOver && startedDay !== undefined)
    change(between(startedDay, doneDay ?? time.days), worker, { assignee_ids: someOf(board.assignees, 1, random) });
  if (doneDay !== undefined && random.chance(0.1)) {
    const day = doneDay + 10 + random.around(4);
    change(day, worker, { archived_at: iso(time.at(day)) });
  }
  return steps;
}
