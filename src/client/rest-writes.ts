/** Writes that the socket has no frame for: they wait in the same outbox and go over HTTP, with the same mutation ids. */
import type { Method } from "./rest.ts";

interface OfTask {
  readonly task_id: string;
}
interface OfComment extends OfTask {
  readonly comment_id: string;
}
interface OfItem extends OfTask {
  readonly item_id: string;
}

interface OfProject {
  readonly project_id: string;
}

interface OfNotification {
  readonly notification_id: string;
}

export interface RestWriteData {
  comment_update: OfComment & { readonly content: string };
  comment_delete: OfComment;
  reaction_add: OfComment & { readonly emoji: string };
  reaction_remove: OfComment & { readonly emoji: string };
  checklist_add: OfTask & { readonly id: string; readonly title: string };
  checklist_update: OfItem & {
    readonly title?: string;
    readonly done?: boolean;
    readonly before?: string;
    readonly after?: string;
  };
  checklist_delete: OfItem;
  blocker_add: OfTask & { readonly blocker_id: string };
  blocker_remove: OfTask & { readonly blocker_id: string };
  watcher_add: OfTask;
  watcher_remove: OfTask;
  column_create: OfProject & { readonly id: string; readonly name: string; readonly status?: string };
  column_update: OfProject & {
    readonly column_id: string;
    readonly name?: string;
    /** null: as many tasks as there are. */
    readonly wip_limit?: number | null;
    readonly done?: boolean;
    readonly before?: string;
    readonly after?: string;
  };
  label_create: OfProject & { readonly id: string; readonly name: string; readonly color: string };
  /** These entries of the inbox, or all of them. */
  inbox_read: { readonly notification_ids?: readonly string[]; readonly all?: true; readonly read: boolean };
  inbox_snooze: OfNotification & { readonly until: string };
  inbox_archive: OfNotification;
}
export type RestWriteName = keyof RestWriteData;

export interface RestCall {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
}

type Calls = { readonly [Name in RestWriteName]: (data: RestWriteData[Name]) => RestCall };

const comment = (id: string): string => `/api/comments/${id}`;
const reaction = ({ comment_id, emoji }: RestWriteData["reaction_add"]): string =>
  `${comment(comment_id)}/reactions/${encodeURIComponent(emoji)}`;
const blocker = ({ task_id, blocker_id }: RestWriteData["blocker_add"]): string =>
  `/api/tasks/${task_id}/blocked-by/${blocker_id}`;
const project = (id: string): string => `/api/projects/${id}`;
const entry = (id: string): string => `/api/notifications/${id}`;
const watcher = ({ task_id }: OfTask): string => `/api/tasks/${task_id}/watchers/me`;

const calls: Calls = {
  comment_update: ({ comment_id, content }) => ({ method: "PATCH", path: comment(comment_id), body: { content } }),
  comment_delete: ({ comment_id }) => ({ method: "DELETE", path: comment(comment_id) }),
  reaction_add: (data) => ({ method: "PUT", path: reaction(data) }),
  reaction_remove: (data) => ({ method: "DELETE", path: reaction(data) }),
  checklist_add: ({ task_id, ...body }) => ({ method: "POST", path: `/api/tasks/${task_id}/checklist`, body }),
  checklist_update: ({ task_id: _, item_id, ...body }) => ({
    method: "PATCH",
    path: `/api/checklist/${item_id}`,
    body,
  }),
  checklist_delete: ({ item_id }) => ({ method: "DELETE", path: `/api/checklist/${item_id}` }),
  blocker_add: (data) => ({ method: "PUT", path: blocker(data) }),
  blocker_remove: (data) => ({ method: "DELETE", path: blocker(data) }),
  watcher_add: (data) => ({ method: "PUT", path: watcher(data) }),
  watcher_remove: (data) => ({ method: "DELETE", path: watcher(data) }),
  column_create: ({ project_id, ...body }) => ({ method: "POST", path: `${project(project_id)}/columns`, body }),
  column_update: ({ project_id, column_id, ...body }) => ({
    method: "PATCH",
    path: `${project(project_id)}/columns/${column_id}`,
    body,
  }),
  label_create: ({ project_id, ...body }) => ({ method: "POST", path: `${project(project_id)}/labels`, body }),
  inbox_read: (body) => ({ method: "POST", path: "/api/notifications/read", body }),
  inbox_snooze: ({ notification_id, ...body }) => ({ method: "POST", path: `${entry(notification_id)}/snooze`, body }),
  inbox_archive: ({ notification_id }) => ({ method: "POST", path: `${entry(notification_id)}/archive` }),
};

export type RestWrite = {
  [Name in RestWriteName]: { readonly event: Name; readonly data: RestWriteData[Name] };
}[RestWriteName];

export const isRestWrite = <W extends { readonly event: string }>(
  write: W,
): write is Extract<W, { readonly event: RestWriteName }> => Object.hasOwn(calls, write.event);

/** The request of a write, but for its mutation id. */
export const callOf = (write: RestWrite): RestCall => callWith(write.event, write.data);

function callWith<Name extends RestWriteName>(event: Name, data: RestWriteData[Name]): RestCall {
  return calls[event](data);
}
