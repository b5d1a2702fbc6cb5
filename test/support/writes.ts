/** Every write of the contract, with what it takes to make it: a new one does not compile until it stands here. */

import type { z } from "zod";
import type { Database } from "../../src/db/open.ts";
import type { EndpointName, endpoints } from "../../src/protocol/endpoints.ts";
import type { ClientFrameName, clientFrames } from "../../src/protocol/frames.ts";
import { addMember, makeComment, makeProject, makeTask, ok, type Person } from "./people.ts";
import { makeBrowser } from "./push.ts";

type Endpoints = typeof endpoints;
/**
 * Account paths are those of better-auth; a token is no state: each call makes another. Unsubscribing is a link of mails,
 * which does the same each time.
 */
export type WriteName = {
  [Name in EndpointName]: Endpoints[Name] extends
    | { method: "GET" }
    | { path: `/api/auth/${string}` }
    | { path: "/unsubscribe" }
    | { path: "/api/token" }
    ? never
    : Name;
}[EndpointName];

/** Frames whose data takes a mutation id. */
export type WriteFrameName = {
  [Name in ClientFrameName]: "mutation_id" extends NamesOf<z.input<(typeof clientFrames)[Name]["data"]>> ? Name : never;
}[ClientFrameName];
/** Of data that may have any names (`register`) or none (`ping`) not one is known. */
type NamesOf<Data> = string extends keyof Data ? never : keyof Data;

/** Who writes, a member, and somebody who is neither; `session`: a live connection. */
export interface Cast {
  readonly owner: Person;
  readonly other: Person;
  readonly guest: Person;
  readonly session: string;
}

/** A project with something of everything, made anew for each write. */
export type Board = Awaited<ReturnType<typeof makeBoard>>;

export async function makeBoard({ sql }: Pick<Database, "sql">, { owner, other, guest, session }: Cast) {
  const project = await makeProject(owner, { name: "Writes" });
  await addMember(owner, project, other, "member");
  const [task, beside] = [await makeTask(owner, project), await makeTask(owner, project)];
  const comment = await makeComment(owner, task, "First");
  const at = `/api/projects/${project.id}`;
  const made = async (path: string, body: object, status = 201) =>
    ok(await owner.call<{ id: string }>("POST", path, body), status).id;
  const told = (person: Person) =>
    owner.call<{ notification: { id: string } }>("POST", `/api/test/notification/${person.id}`);
  return {
    project: project.id,
    projectBeside: (await makeProject(owner, { name: "Beside" })).id,
    task: task.id,
    beside: beside.id,
    comment: comment.id,
    column: await made(`${at}/columns`, { name: "Later" }),
    label: await made(`${at}/labels`, { name: "Bug", color: "#ff0000" }),
    item: await made(`/api/tasks/${task.id}/checklist`, { title: "Item" }),
    key: await made("/api/api-keys", { name: "Robot", scopes: ["read"] }),
    reminder: await made(`/api/tasks/${task.id}/reminders`, { offset_minutes: 5 }),
    notification: ok(await told(owner), 200).notification.id,
    subscription: pushSubscription(),
    browser: await made("/api/push-subscriptions", pushSubscription()),
    dead: await deadJob(sql),
    owner: owner.id,
    session,
    other: other.id,
    guest: guest.id,
  };
}

/** Of another browser each time; nothing is sent there. */
const pushSubscription = () => makeBrowser(`https://push.example.org/${Bun.randomUUIDv7()}`).subscription;

/** A job that failed for good, of a kind that runs nowhere. */
async function deadJob(sql: Database["sql"]): Promise<string> {
  const id = Bun.randomUUIDv7();
  await sql`insert into jobs (id, kind, payload, attempts, due_at, dead_at)
    values (${id}, 'nothing', '{}', 3, now(), now())`;
  return id;
}

export interface Write {
  /** Values of the path's parameters, in their order. */
  readonly params?: readonly string[];
  readonly body?: Readonly<Record<string, unknown>>;
  /** What else it takes before it can be made. */
  readonly before?: readonly [method: string, path: string, body?: object];
  /** What is another request under the same key: other parameters, or another body. */
  readonly another: { readonly params: readonly string[] } | { readonly body: Readonly<Record<string, unknown>> };
}

const nobody = "01a1fc20-d65a-74a9-913b-504653241700";

export const writes: Readonly<Record<WriteName, (board: Board) => Write>> = {
  updateMe: () => ({ body: { locale: "de" }, another: { body: { locale: "fr" } } }),
  createApiKey: () => ({
    body: { name: "Second", scopes: ["read"] },
    another: { body: { name: "Third", scopes: ["read"] } },
  }),
  deleteApiKey: ({ key }) => ({ params: [key], another: { params: [nobody] } }),
  createProject: () => ({ body: { name: "Once" }, another: { body: { name: "Twice" } } }),
  updateProject: ({ project }) => ({ params: [project], body: { name: "Once" }, another: { body: { name: "Twice" } } }),
  deleteProject: ({ project, projectBeside }) => ({ params: [project], another: { params: [projectBeside] } }),
  publishEvents: ({ project }) => ({
    params: [project],
    body: { event: "x_once", data: { n: 1 } },
    another: { body: { event: "x_once", data: { n: 2 } } },
  }),
  addMember: ({ project, guest }) => ({
    params: [project],
    body: { user_id: guest, role: "viewer" },
    another: { body: { user_id: guest, role: "member" } },
  }),
  updateMember: ({ project, other }) => ({
    params: [project, other],
    body: { role: "viewer" },
    another: { body: { role: "admin" } },
  }),
  removeMember: ({ project, other }) => ({ params: [project, other], another: { params: [project, nobody] } }),
  createColumn: ({ project }) => ({ params: [project], body: { name: "Once" }, another: { body: { name: "Twice" } } }),
  updateColumn: ({ project, column }) => ({
    params: [project, column],
    body: { name: "Once" },
    another: { body: { name: "Twice" } },
  }),
  deleteColumn: ({ project, column }) => ({ params: [project, column], another: { params: [project, nobody] } }),
  createLabel: ({ project }) => ({
    params: [project],
    body: { name: "Once", color: "#00ff00" },
    another: { body: { name: "Twice", color: "#00ff00" } },
  }),
  updateLabel: ({ project, label }) => ({
    params: [project, label],
    body: { name: "Once" },
    another: { body: { name: "Twice" } },
  }),
  deleteLabel: ({ project, label }) => ({ params: [project, label], another: { params: [project, nobody] } }),
  createTask: ({ project }) => ({ params: [project], body: { title: "Once" }, another: { body: { title: "Twice" } } }),
  updateTask: ({ task }) => ({ params: [task], body: { title: "Once" }, another: { body: { title: "Twice" } } }),
  deleteTask: ({ task, beside }) => ({ params: [task], another: { params: [beside] } }),
  moveTask: ({ task }) => ({ params: [task], body: { status: "review" }, another: { body: { status: "completed" } } }),
  addBlocker: ({ task, beside }) => ({ params: [task, beside], another: { params: [beside, task] } }),
  removeBlocker: ({ task, beside }) => ({
    before: ["PUT", `/api/tasks/${task}/blocked-by/${beside}`],
    params: [task, beside],
    another: { params: [beside, task] },
  }),
  watchTask: ({ task, beside }) => ({ params: [task], another: { params: [beside] } }),
  unwatchTask: ({ task, beside }) => ({
    before: ["PUT", `/api/tasks/${task}/watchers/me`],
    params: [task],
    another: { params: [beside] },
  }),
  createChecklistItem: ({ task }) => ({
    params: [task],
    body: { title: "Once" },
    another: { body: { title: "Twice" } },
  }),
  updateChecklistItem: ({ item }) => ({ params: [item], body: { done: true }, another: { body: { done: false } } }),
  deleteChecklistItem: ({ item }) => ({ params: [item], another: { params: [nobody] } }),
  createComment: ({ task }) => ({ params: [task], body: { content: "Once" }, another: { body: { content: "Twice" } } }),
  updateComment: ({ comment }) => ({
    params: [comment],
    body: { content: "Once" },
    another: { body: { content: "Twice" } },
  }),
  deleteComment: ({ comment }) => ({ params: [comment], another: { params: [nobody] } }),
  addReaction: ({ comment }) => ({ params: [comment, "👍"], another: { params: [comment, "🎉"] } }),
  removeReaction: ({ comment }) => ({
    before: ["PUT", `/api/comments/${comment}/reactions/👍`],
    params: [comment, "👍"],
    another: { params: [comment, "🎉"] },
  }),
  createReminder: ({ task }) => ({
    params: [task],
    body: { offset_minutes: 10 },
    another: { body: { offset_minutes: 20 } },
  }),
  deleteReminder: ({ reminder }) => ({ params: [reminder], another: { params: [nobody] } }),
  readNotifications: ({ notification }) => ({
    body: { notification_ids: [notification] },
    another: { body: { notification_ids: [nobody] } },
  }),
  snoozeNotification: ({ notification }) => ({
    params: [notification],
    body: { until: "2999-01-01T00:00:00.000Z" },
    another: { body: { until: "2999-01-02T00:00:00.000Z" } },
  }),
  archiveNotification: ({ notification }) => ({ params: [notification], another: { params: [nobody] } }),
  updatePreferences: () => ({ body: { digest: "daily" }, another: { body: { digest: "weekly" } } }),
  createPushSubscription: ({ subscription }) => ({ body: subscription, another: { body: pushSubscription() } }),
  deletePushSubscription: ({ subscription }) => ({
    before: ["POST", "/api/push-subscriptions", subscription],
    body: { endpoint: subscription.endpoint },
    another: { body: { endpoint: `${subscription.endpoint}/another` } },
  }),
  testPushSubscription: ({ browser }) => ({ params: [browser], another: { params: [nobody] } }),
  sendNotification: ({ other }) => ({
    body: { user_id: other, type: "build_failed", message: "Once" },
    another: { body: { user_id: other, type: "build_failed", message: "Twice" } },
  }),
  broadcastNotification: () => ({
    body: { type: "news", message: "Once" },
    another: { body: { type: "news", message: "Twice" } },
  }),
  messageSession: ({ session }) => ({
    params: [session],
    body: { message: "Once" },
    another: { body: { message: "Twice" } },
  }),
  testNotification: ({ owner, other }) => ({ params: [owner], another: { params: [other] } }),
  retryJob: ({ dead }) => ({ params: [dead], another: { params: [nobody] } }),
  cancelJob: ({ dead }) => ({ params: [dead], another: { params: [nobody] } }),
};

type Data = Readonly<Record<string, unknown>>;

/** Data of each frame that writes, and other data under the same key. */
export const writeFrames: Readonly<Record<WriteFrameName, (board: Board) => readonly [Data, Data]>> = {
  task_create: ({ project }) => [
    { project_id: project, title: "Once" },
    { project_id: project, title: "Twice" },
  ],
  task_update: ({ task }) => [
    { task_id: task, changes: { title: "Once" } },
    { task_id: task, changes: { title: "Twice" } },
  ],
  task_status_update: ({ task }) => [
    { task_id: task, status: "review" },
    { task_id: task, status: "completed" },
  ],
  task_move: ({ task }) => [
    { task_id: task, status: "review" },
    { task_id: task, status: "completed" },
  ],
  task_assign: ({ task, other }) => [
    { task_id: task, assignee_ids: [other] },
    { task_id: task, assignee_ids: [] },
  ],
  task_delete: ({ task, beside }) => [{ task_id: task }, { task_id: beside }],
  mark_read: ({ notification }) => [{ notification_ids: [notification] }, { notification_ids: [nobody] }],
  new_comment: ({ task }) => [
    { task_id: task, content: "Once" },
    { task_id: task, content: "Twice" },
  ],
};
