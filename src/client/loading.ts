/** What is read over REST: whole states and lists, page by page. */
import type { ActivityEntry } from "../protocol/activity.ts";
import type { ChecklistItem } from "../protocol/checklist.ts";
import type { Comment } from "../protocol/comments.ts";
import type { Since } from "../protocol/ids.ts";
import type { Task } from "../protocol/tasks.ts";
import type { User } from "../protocol/users.ts";
import { TaskwireError } from "./errors.ts";
import { type AnySnapshot, type ProjectState, stateOf } from "./reducer.ts";
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

/** A page of a list; the first for null. Throws TaskwireError. */
export function loadPage<Answer>(
  rest: Rest,
  path: string,
  cursor: string | null,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const all = new URLSearchParams(cursor === null ? query : { ...query, cursor });
  return rest.request<Answer>("GET", `${path}?${all}`);
}

/** How many of a list are read at a time. */
const pageItems = "50";

/** What is read of one task, each by a function of its own. They throw TaskwireError. */
export function createTaskLoading(rest: Rest, taskId: string) {
  const path = `/api/tasks/${taskId}`;
  return {
    comments: (cursor: string | null): Promise<Page<Comment>> =>
      loadPage(rest, `${path}/comments`, cursor, { limit: pageItems, order: "newest" }),
    activity: (cursor: string | null): Promise<Page<ActivityEntry>> =>
      loadPage(rest, `${path}/activity`, cursor, { limit: pageItems }),
    checklist: (): Promise<ChecklistItem[]> => loadAll<ChecklistItem>(rest, `${path}/checklist`),
    watchers: (): Promise<User[]> => loadAll<User>(rest, `${path}/watchers`),
    /** Any task; undefined where there is none to see. */
    async task(id: string): Promise<Task | undefined> {
      try {
        return await rest.request<Task>("GET", `/api/tasks/${id}`);
      } catch (error) {
        if (error instanceof TaskwireError && error.code === "not_found") return undefined;
        throw error;
      }
    },
  };
}

/** A project's state and its position in the log; further pages are of the same position. */
export async function loadProject(rest: Rest, id: string): Promise<{ state: ProjectState; position: Since }> {
  const path = `/api/projects/${id}/snapshot`;
  const first = await rest.request<AnySnapshot>("GET", path);
  const tasks: Task[] = [...first.tasks];
  let cursor = first.next_cursor;
  while (cursor !== null) {
    const next: AnySnapshot = await rest.request<AnySnapshot>("GET", `${path}?${new URLSearchParams({ cursor })}`);
    tasks.push(...next.tasks);
    cursor = next.next_cursor;
  }
  return { state: stateOf(first, tasks), position: { epoch: first.epoch, seq: first.seq } };
}
