/** A joined project follows its columns, labels and subtasks, to the same state as a snapshot has. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTaskwire, type ProjectStore, type Taskwire, when } from "../../src/client/index.ts";
import type { Column, Label } from "../../src/protocol/projects.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createLink, type Link } from "../support/link.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Person,
} from "../support/people.ts";

let app: TestApp;
let link: Link;
const clients: Taskwire[] = [];

const connect = (url: string, person: Person): Taskwire => {
  const client = createTaskwire({ url, token: () => person.token });
  clients.push(client);
  return client;
};

beforeAll(async () => {
  app = await startApp();
  link = createLink(app.url);
});
afterAll(async () => {
  for (const client of clients) client.close();
  link.stop();
  await app.stop();
});

const stateOf = ({ project, columns, labels, members, tasks }: ProjectStore) => ({
  project: project.value,
  columns: columns.value,
  labels: labels.value,
  members: [...members.value.values()],
  tasks: [...tasks.value.values()].sort((a, b) => a.number - b.number),
});

test("columns that are made, moved, completed and deleted, labels and parents arrive in the store as they are", async () => {
  const ana = await makePerson(app, "Ana");
  const project = await makeProject(ana);
  const at = `/api/projects/${project.id}`;
  const [first, second] = [
    await makeTask(ana, project),
    await makeTask(ana, project, { title: "x", status: "review" }),
  ];
  const client = connect(app.url, ana);
  const store = await client.joinProject(project.id);

  const column = ok(await ana.call<Column>("POST", `${at}/columns`, { name: "On hold", wip_limit: 2 }), 201);
  const [todo, , review] = store.columns.value;
  ok(await ana.call("PATCH", `${at}/columns/${column.id}`, { before: todo?.id, done: true }), 200);
  const label = ok(await ana.call<Label>("POST", `${at}/labels`, { name: "bug", color: "#ff0000" }), 201);
  await client.updateTask(first.id, { label_ids: [label.id] });
  const child = client.updateTask(second.id, { parent_id: first.id });
  expect(store.tasks.value.get(second.id)?.parent_id).toBe(first.id); // shown at once
  expect((await child).parent_id).toBe(first.id);
  ok(await ana.call("DELETE", `${at}/columns/${review?.id}?move_to=on_hold`), 204);
  ok(await ana.call("DELETE", `${at}/labels/${label.id}`), 204);

  await when(store.labels, (labels) => labels.length === 0);
  const { project: whole, columns, labels, members, tasks } = await getSnapshot(ana, project);
  expect(stateOf(store)).toEqual({ project: whole, columns, labels, members, tasks });
  expect(columns.map(({ status }) => status)).toEqual(["on_hold", "todo", "in_progress", "completed"]);
  expect(tasks[1]).toMatchObject({ status: "on_hold", parent_id: first.id, completed_at: expect.any(String) });
});

test("[H4] what is done to columns and labels without a connection shows, waits, and is done once, in order", async () => {
  const [ana, ben] = [await makePerson(app, "Ana"), await makePerson(app, "Ben")];
  const project = await makeProject(ana);
  await addMember(ana, project, ben, "admin");
  const client = connect(link.url, ana);
  const store = await client.joinProject(project.id);
  const [todo, , review] = store.columns.value;
  const before = await getEvents(ana, project);
  link.cut();
  await when(client.connection.state, (state) => state === "offline");

  const labelId = crypto.randomUUID();
  const [, , reviewId] = store.columns.value.map(({ id }) => id);
  const writes: Promise<unknown>[] = [client.createColumn(project.id, "Größe, On hold")];
  const made = store.columns.value.at(-1);
  expect(made).toMatchObject({ name: "Größe, On hold", status: "gro_e_on_hold" });
  writes.push(
    client.updateColumn(project.id, made?.id ?? "", { name: "Parked", wip_limit: 2 }),
    client.updateColumn(project.id, made?.id ?? "", { before: reviewId ?? "" }),
    client.updateColumn(project.id, todo?.id ?? "", { after: review?.id ?? "" }),
    client.createLabel(project.id, { id: labelId, name: "bug", color: "#ff0000" }),
    client.createTask(project.id, { title: "Parked", status: made?.status ?? "", label_ids: [labelId] }),
  );
  const shown = () => store.columns.value.map(({ name, wip_limit }) => [name, wip_limit]);
  const wanted = [
    ["In progress", null],
    ["Parked", 2],
    ["Review", null],
    ["To do", null],
    ["Completed", null],
  ];
  expect(shown()).toEqual(wanted);
  expect(client.waiting.value).toHaveLength(6);
  // Ben takes the name meanwhile: the status, too.
  const same = { name: "x", status: made?.status };
  const theirs = ok(await ben.call<Column>("POST", `/api/projects/${project.id}/columns`, same), 201);
  link.mend();
  await Promise.all(writes);
  await when(store.columns, (all) => all.length === 6 && all.every(({ position }) => position !== ""));
  await when(store.pending, ({ size }) => size === 0);
  expect(shown()).toEqual([...wanted, ["x", null]]);
  const { columns, labels, tasks } = await getSnapshot(ana, project);
  expect(store.columns.value).toEqual(columns);
  expect(labels).toEqual([{ id: labelId, name: "bug", color: "#ff0000" }]);
  expect(tasks).toMatchObject([{ title: "Parked", status: theirs.status, label_ids: [labelId] }]);
  // Ben's, and one each.
  expect((await getEvents(ana, project)).length - before.length).toBe(1 + 6);
});
