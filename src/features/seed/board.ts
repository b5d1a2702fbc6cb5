/** What the history of a made-up project is made of: its people, columns and labels, and which task is about what. */
import type { Column, Label, Project } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";
import type { Domain } from "./domains/domain.ts";
import { helpDesk } from "./domains/help-desk.ts";
import { mobileApp } from "./domains/mobile-app.ts";
import { officeMove } from "./domains/office-move.ts";
import { webShop } from "./domains/web-shop.ts";
import { createRandom, seedId, shuffled } from "./random.ts";

const domains = [webShop, mobileApp, officeMove, helpDesk] as const;

/** Of the `index`-th project. */
export const domainOf = (index: number): Domain => domains[index % domains.length] ?? webShop;

export function projectText(index: number): { name: string; description: string } {
  const { projects } = domainOf(index);
  const round = Math.floor(index / domains.length);
  const text = projects[round % projects.length];
  if (!text) throw new Error("a domain has projects");
  const again = Math.floor(round / projects.length);
  return again === 0 ? text : { ...text, name: `${text.name} ${again + 1}` };
}

export interface Board {
  readonly seed: number;
  /** Which of the seed's projects it is. */
  readonly index: number;
  readonly project: Project;
  readonly columns: readonly Column[];
  readonly labels: readonly Label[];
  /** Those who act; never empty. */
  readonly people: readonly User[];
  /** Those who are given work. */
  readonly assignees: readonly string[];
  readonly subjects: readonly Subject[];
}

/** Order of tasks over all projects, with room for sixteen million each. */
const perProject = 2 ** 24;
export const orderOf = (project: number, index: number): number => project * perProject + index;

export const taskId = ({ seed, index }: Pick<Board, "seed" | "index">, task: number): string =>
  seedId(seed, "task", orderOf(index, task));

// Tasks come in blocks: in some, one task is followed by its subtasks.
const blockSize = 16;

interface Family {
  readonly parent: number;
  readonly children: number;
}

const family = ({ seed, index }: Board, block: number): Family => {
  const random = createRandom(seed, "family", index, block);
  return { parent: block * blockSize + random.int(12), children: random.chance(0.5) ? 2 + random.int(2) : 0 };
};

/** The task of which this one is the `nth` (from 0) subtask; undefined for most. */
export function parentOf(board: Board, task: number): { readonly parent: number; readonly nth: number } | undefined {
  const { parent, children } = family(board, Math.floor(task / blockSize));
  const nth = task - parent - 1;
  return nth >= 0 && nth < children ? { parent, nth } : undefined;
}

/** Where in the row of tasks this one was made: rises with the task; subtasks follow their parent closely. */
export function momentOf(board: Board, task: number): number {
  const above = parentOf(board, task);
  if (above) return momentOf(board, above.parent) + (above.nth + 1) * 0.05;
  return task + createRandom(board.seed, "moment", board.index, task).next() * 0.5;
}

export interface Subject {
  readonly title: string;
  readonly why: string;
  readonly label: string;
}

/** When all are used up they come again as a second part. */
export function subjectOf({ subjects }: Board, task: number): Subject {
  const subject = subjects[task % subjects.length];
  if (!subject) throw new Error("a domain has ideas");
  const round = Math.floor(task / subjects.length);
  return round === 0 ? subject : { ...subject, title: `${subject.title}, part ${round + 1}` };
}

/** What the tasks of a project are about, in turn: two ideas, then a chore, and so on. */
export function subjectsOf(seed: number, index: number): readonly Subject[] {
  const { ideas, chores, things } = domainOf(index);
  const random = createRandom(seed, "subjects", index);
  const own = shuffled(ideas, random).map(([title, why, label]) => ({ title, why, label }));
  const made = shuffled(
    chores.flatMap(([verb, why, label]) => things.map((thing) => ({ title: `${verb} ${thing}`, why, label }))),
    random,
  );
  const all: Subject[] = [];
  while (own.length > 0 || made.length > 0) all.push(...own.splice(0, 2), ...made.splice(0, 1));
  return all;
}
