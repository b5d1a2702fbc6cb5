/** The SDK against the real server, killed and started again on the same data. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTaskwire, type ProjectStore, type Taskwire, TaskwireError, when } from "../../src/client/index.ts";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makePerson,
  makeProject,
  makeTask,
  type Person,
} from "../support/people.ts";
import { type ServerProcess, startServer } from "../support/server.ts";

let server: ServerProcess;
let ana: Person;
let ben: Person;
const clients: Taskwire[] = [];

const connect = (person: Person): Taskwire => {
  const client = createTaskwire({ url: server.url, token: () => person.token });
  clients.push(client);
  return client;
};

const both = async (project: Project): Promise<[Taskwire, ProjectStore, Taskwire, ProjectStore]> => {
  const [anas, bens] = [connect(ana), connect(ben)];
  return [anas, await anas.joinProject(project.id), bens, await bens.joinProject(project.id)];
};

/** Settles when the store holds the task and it looks as wanted. */
const taskWhere = (store: ProjectStore, id: string, wanted: (task: Task) => boolean): Promise<unknown> =>
  when(store.tasks, (tasks) => {
    const task = tasks.get(id);
    return task !== undefined && wanted(task);
  });

const sharedProject = async (): Promise<Project> => {
  const project = await makeProject(ana);
  await addMember(ana, project, ben, "member");
  return project;
};

beforeAll(async () => {
  server = await startServer();
  [ana, ben] = [await makePerson(server, "Ana"), await makePerson(server, "Ben")];
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server.close();
});

test("what one does appears at the other: a task, its status, a comment, who is here, who types", async () => {
  const project = await sharedProject();
  const [anas, anaStore, bens, benStore] = await both(project);

  const task = await anas.createTask(project.id, { title: "Paint the door" });
  await taskWhere(benStore, task.id, ({ title, key }) => title === "Paint the door" && key === task.key);
  await bens.updateTaskStatus(task.id, "review");
  await taskWhere(anaStore, task.id, ({ status }) => status === "review");

  const { comments } = anaStore.openTask(task.id);
  await bens.addComment(task.id, "Which colour?");
  const list = await when(comments.items, (all) => all?.length === 1);
  expect(list?.[0]).toMatchObject({ content: "Which colour?", author_id: ben.id, task_id: task.id });

  await when(anaStore.presence, (here) => here.has(ben.id));
  benStore.setTyping(task.id, true);
  const typing = await when(anaStore.typing, (all) => all.has(task.id));
  expect(typing.get(task.id)?.map(({ name }) => name)).toEqual(["Ben"]);
  benStore.setTyping(task.id, false);
  await when(anaStore.typing, (all) => all.size === 0);
});

test("a move stands where it was dropped at once, and the server agrees with the place", async () => {
  const project = await sharedProject();
  const [first, second, third] = [
    await makeTask(ana, project, { title: "1" }),
    await makeTask(ana, project, { title: "2" }),
    await makeTask(ana, project, { title: "3" }),
  ];
  const [anas, anaStore, , benStore] = await both(project);
  const titles = (store: ProjectStore) =>
    [...store.tasks.value.values()].sort((a, b) => (a.position < b.position ? -1 : 1)).map(({ title }) => title);

  const moved = anas.moveTask(third.id, { status: "todo", after: first.id, before: second.id });
  expect(titles(anaStore)).toEqual(["1", "3", "2"]);
  expect(anaStore.pending.value).toEqual(new Set([third.id]));
  await moved;
  await when(anaStore.pending, (pending) => pending.size === 0);
  expect(titles(anaStore)).toEqual(["1", "3", "2"]);
  await taskWhere(benStore, third.id, ({ version }) => version === third.version + 1);
  expect(titles(benStore)).toEqual(["1", "3", "2"]);
});

test("a refused write is taken back, and the refusal says why", async () => {
  const project = await sharedProject();
  const task = await makeTask(ana, project);
  const anas = connect(ana);
  const store = await anas.joinProject(project.id);
  const refused = anas.updateTaskStatus(task.id, "no_such_column");
  expect(store.tasks.value.get(task.id)?.status).toBe("no_such_column");
  const error = await refused.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TaskwireError);
  expect(error).toMatchObject({ code: "invalid" });
  expect(store.tasks.value.get(task.id)).toEqual(task);
  expect(anas.waiting.value).toEqual([]);
});

test("a stale version is a conflict that brings the task as it is now", async () => {
  const project = await sharedProject();
  const task = await makeTask(ana, project);
  const anas = connect(ana);
  await anas.joinProject(project.id);
  const newer = await anas.updateTask(task.id, { title: "Newer" });
  const error = await anas.updateTask(task.id, { title: "Older" }, task.version).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "conflict", extras: { current: newer } });
});

test("a stranger's join is refused, and leaves nothing behind that keeps the client from being live", async () => {
  const project = await makeProject(ana);
  const bens = connect(ben);
  expect(await bens.joinProject(project.id).catch((reason: unknown) => reason)).toMatchObject({ code: "not_found" });
  await when(bens.connection.state, (state) => state === "live");
});

test("who is removed from a project hears that it is closed", async () => {
  const project = await sharedProject();
  const bens = connect(ben);
  const store = await bens.joinProject(project.id);
  await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`);
  expect(await when(store.closed, (reason) => reason !== null)).toBe("left");
});

test("[S5] after a kill -9 and a start on the same data both resume, and edits made offline are applied once", async () => {
  const project = await sharedProject();
  const task = await makeTask(ana, project);
  const [anas, anaStore, bens, benStore] = await both(project);
  const before = await getEvents(ana, project);

  await server.kill("SIGKILL");
  await when(anas.connection.state, (state) => state === "offline");
  expect(anas.connection.offlineSince.value).toBeGreaterThan(0);
  const edits = [
    anas.updateTaskStatus(task.id, "in_progress"),
    anas.updateTask(task.id, { title: "Made offline" }),
    anas.createTask(project.id, { title: "New, offline" }),
    anas.addComment(task.id, "Written offline"),
  ];
  expect(anaStore.tasks.value.get(task.id)).toMatchObject({ status: "in_progress", title: "Made offline" });
  expect(anaStore.tasks.value.size).toBe(2);
  expect(anas.waiting.value).toHaveLength(4);

  await server.start();
  await Promise.all(edits);
  await when(benStore.tasks, (tasks) => tasks.size === 2);
  await taskWhere(benStore, task.id, ({ title }) => title === "Made offline");
  await when(bens.connection.state, (state) => state === "live");
  expect(anas.waiting.value).toEqual([]);

  const events = (await getEvents(ana, project)).slice(before.length);
  expect(events.map(({ event }) => event)).toEqual([
    "task_status_changed",
    "task_updated",
    "task_created",
    "comment_added",
  ]);
  await when(anaStore.pending, (pending) => pending.size === 0);
  const { tasks } = await getSnapshot(ben, project);
  for (const store of [anaStore, benStore]) {
    expect([...store.tasks.value.values()].sort(byId)).toEqual([...tasks].sort(byId));
  }
});

const byId = (a: Task, b: Task): number => (a.id < b.id ? -1 : 1);
