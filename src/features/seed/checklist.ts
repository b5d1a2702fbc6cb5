/** The checklists of some tasks: written item by item, ticked off while the task is worked on. */

import { endPosition } from "../../db/position.ts";
import type { ChecklistItem } from "../../protocol/checklist.ts";
import type { Task } from "../../protocol/tasks.ts";
import { type Board, domainOf, orderOf } from "./board.ts";
import { createRandom, seedId, shuffled } from "./random.ts";
import type { Story } from "./story.ts";
import type { Step } from "./task-state.ts";
import { iso, type WorkTime } from "./work-time.ts";

/** Minutes of a workday that writing one item takes. */
const itemDay = 0.002;

export function checklistSteps(board: Board, index: number, task: Task, story: Story, time: WorkTime): Step[] {
  const random = createRandom(board.seed, "checklist", board.index, index);
  if (story.isSubtask || !random.chance(0.08)) return [];
  const titles = shuffled(domainOf(board.index).points, random).slice(0, 3 + random.int(2));
  const author = random.pick(board.people);
  const steps: Step[] = [];
  let items: readonly ChecklistItem[] = [];
  const tell = (day: number, by: typeof author, next: (at: string) => readonly ChecklistItem[]): void => {
    if (day >= time.days) return;
    items = next(iso(time.at(day)));
    steps.push({ atMs: time.at(day), by, act: { kind: "check", items } });
  };
  for (const [nth, title] of titles.entries()) {
    const id = seedId(board.seed, "item", orderOf(board.index, index), `${nth}`);
    const position = endPosition(nth + 1, random.next);
    const item = { id, task_id: task.id, title, done: false, position, created_by: author.id, completed_at: null };
    tell(story.createdDay + (nth + 1) * itemDay, author, (created_at) => [...items, { ...item, created_at }]);
  }
  if (story.startedDay === undefined) return steps;
  const worker = random.pick(board.people);
  const from = Math.max(story.startedDay, story.createdDay + (titles.length + 1) * itemDay);
  const until = story.doneDay ?? story.moves[1]?.day ?? from + 4;
  for (let nth = 0; nth < items.length; nth++) {
    const day = from + ((nth + 0.5) / titles.length) * Math.max(until - from, 0.1);
    tell(day, worker, (at) => items.map((item, i) => (i === nth ? { ...item, done: true, completed_at: at } : item)));
  }
  return steps;
}
