/** Columns and labels as one's own writes will have made them, shown before the server has done it. */
import type { Column } from "../protocol/projects.ts";
import type { TaskwireError } from "./errors.ts";
import type { Write, WriteOf } from "./optimistic.ts";
import type { Draft } from "./reducer.ts";

type Structure = Pick<Draft, "columns" | "labels">;

/** Leaves room for a number within a slug's 64 characters. */
const slugMost = 50;

/** A status for a new column: made of its name, and none of `taken`. */
export function statusFor(name: string, taken: readonly string[]): string {
  const letters = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = letters.split(/[^a-z0-9]+/).filter((word) => word !== "");
  const slug = words.join("_").slice(0, slugMost).replace(/_$/, "") || "column";
  for (let number = 1; ; number++) {
    const status = number === 1 ? slug : `${slug}_${number}`;
    if (!taken.includes(status)) return status;
  }
}

/**
 * A new column whose status somebody else took first: the same, with whatever status the server gives it. Tasks that were
 * written into it meanwhile go to the column that has the status.
 */
export function restated(write: Write, { code, extras }: TaskwireError): Write | undefined {
  if (code !== "conflict" || write.event !== "column_create" || write.data.status === undefined) return undefined;
  const { current } = extras;
  if (typeof current !== "object" || current === null || !("status" in current)) return undefined;
  const { status, ...data } = write.data;
  return current.status === status ? { ...write, data } : undefined;
}

/** What is written after it may name what it makes: nothing is sent before it is answered. */
export const isAwaited = ({ event }: Pick<Write, "event">): boolean =>
  event === "column_create" || event === "label_create";

export function addColumn(draft: Structure, { data }: WriteOf<"column_create">): void {
  const { id, name, status = id } = data;
  if (draft.columns.some((column) => column.id === id)) return;
  draft.columns = [...draft.columns, { id, name, status, position: "", wip_limit: null, done: false }];
}

export function changeColumn(draft: Structure, { data }: WriteOf<"column_update">): void {
  const { column_id, name, wip_limit, before, after } = data;
  const column = draft.columns.find(({ id }) => id === column_id);
  if (!column) return;
  const next: Column = { ...column, name: name ?? column.name, done: data.done ?? column.done };
  if (wip_limit !== undefined) next.wip_limit = wip_limit;
  const others = draft.columns.filter((other) => other !== column);
  const front = others.findIndex(({ id }) => id === before);
  const behind = others.findIndex(({ id }) => id === after);
  const index = behind >= 0 ? behind + 1 : front >= 0 ? front : draft.columns.indexOf(column);
  draft.columns = [...others.slice(0, index), next, ...others.slice(index)];
}

export function addLabel(draft: Structure, { data }: WriteOf<"label_create">): void {
  const { id, name, color } = data;
  if (!draft.labels.some((label) => label.id === id)) draft.labels = [...draft.labels, { id, name, color }];
}
