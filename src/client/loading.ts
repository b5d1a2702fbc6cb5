/** What is read over REST: whole states and lists, page by page. */
import type { Comment } from "../protocol/comments.ts";
import type { Since } from "../protocol/ids.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { Task } from "../protocol/tasks.ts";
import { type ProjectState, stateOf } from "./reducer.ts";
import type { Rest } from "./rest.ts";

/** A list's page (H2). */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** Every item of a list. Throws TaskwireError. */
export async function loadAll<Item>(rest: Rest, path: string): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams(cursor === null ? { limit: "200" } : { limit: "200", cursor });
    const page: Page<Item> = await rest.request<Page<Item>>("GET", `${path}?${query}`);
    all.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return all;
}

export const loadComments = (rest: Rest, taskId: string): Promise<Comment[]> =>
  loadAll<Comment>(rest, `/api/tasks/${taskId}/comments`);

/** A project's state and its position in the log; further pages are of the same position. */
export async function loadProject(rest: Rest, id: string): Promise<{ state: ProjectState; position: Since }> {
  const path = `/api/projects/${id}/snapshot`;
  const first = await rest.request<Snapshot>("GET", path);
  const tasks: Task[] = [...first.tasks];
  let cursor = first.next_cursor;
  while (cursor !== null) {
    const next: Snapshot = await rest.request<Snapshot>("GET", `${path}?${new URLSearchParams({ cursor })}`);
    tasks.push(...next.tasks);
    cursor = next.next_cursor;
  }
  return { state: stateOf(first, tasks), position: { epoch: first.epoch, seq: first.seq } };
}
