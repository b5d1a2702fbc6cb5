/** What of a board is shown: kept in the query of its address, so that it can be shared. */
import type { Task } from "../../protocol/tasks.ts";
import { dueStateOf, isDueWithin } from "./due.ts";

export const dueChoices = ["overdue", "today", "week", "none"] as const;
export type DueChoice = (typeof dueChoices)[number];

export interface Filter {
  /** Every word must stand in the title, the key or the description. */
  readonly text: string;
  /** Ids of people, or `nobody`: one of them must have it. Empty: no matter who. */
  readonly people: readonly string[];
  /** Ids of labels: one of them must be on it. */
  readonly labels: readonly string[];
  readonly due: DueChoice | null;
}

export const noFilter: Filter = { text: "", people: [], labels: [], due: null };
export const nobody = "none";

export const isFiltering = ({ text, people, labels, due }: Filter): boolean =>
  text.trim() !== "" || people.length > 0 || labels.length > 0 || due !== null;

const isDueChoice = (text: string | null): text is DueChoice => dueChoices.some((choice) => choice === text);
const listOf = (text: string | null): string[] => (text ?? "").split(",").filter((id) => id !== "");

/** From an address's query. What it does not know it leaves out. */
export function parseFilter(query: URLSearchParams): Filter {
  const due = query.get("due");
  return {
    text: query.get("q") ?? "",
    people: listOf(query.get("who")),
    labels: listOf(query.get("label")),
    due: isDueChoice(due) ? due : null,
  };
}

/** The query with this filter in it; what else stands there stays. */
export function queryWith({ text, people, labels, due }: Filter, query: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(query);
  const values = { q: text, who: people.join(","), label: labels.join(","), due: due ?? "" };
  for (const [name, value] of Object.entries(values)) {
    if (value.trim() === "") written.delete(name);
    else written.set(name, value);
  }
  return written;
}

/** Are archived tasks shown in the place of the board? */
export const showsArchive = (query: URLSearchParams): boolean => query.get("archived") === "true";

/** The query with the archive, or with the board. */
export function archiveQuery(shown: boolean, query: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(query);
  if (shown) written.set("archived", "true");
  else written.delete("archived");
  return written;
}

/** What a text search looks into; made once for each task. */
const haystacks = new WeakMap<Task, string>();
function haystackOf(task: Task): string {
  let text = haystacks.get(task);
  if (text === undefined) {
    text = `${task.key} ${task.title} ${task.description}`.toLowerCase();
    haystacks.set(task, text);
  }
  return text;
}

/** Tells whether a task is shown at `nowMs`. */
export function matcherOf(filter: Filter, nowMs: number): (task: Task) => boolean {
  const { people, labels, due } = filter;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const hasPerson = ({ assignee_ids }: Task): boolean =>
    people.some((id) => (id === nobody ? assignee_ids.length === 0 : assignee_ids.includes(id)));
  return (task) =>
    (words.length === 0 || words.every((word) => haystackOf(task).includes(word))) &&
    (people.length === 0 || hasPerson(task)) &&
    (labels.length === 0 || labels.some((id) => task.label_ids.includes(id))) &&
    (due === null || isDue(task, due, nowMs));
}

function isDue(task: Task, due: DueChoice, nowMs: number): boolean {
  if (due === "none") return task.due_at === null;
  if (due === "overdue") return dueStateOf(task, nowMs) === "overdue";
  return isDueWithin(task, due === "today" ? 1 : 7, nowMs);
}
