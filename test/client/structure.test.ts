/** A joined project follows its columns, labels and subtasks, to the same state as a snapshot has. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTaskwire, type ProjectStore, type Taskwire, when } from "../../src/client/index.ts";
import type { Column, Label } from "../../src/protocol/projects.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { getSnapshot, makePerson, makeProject, makeTask, ok } from "../support/people.ts";

let app: TestApp;
let client: Taskwire | undefined;

beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => {
  client?.close();
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
  client = createTaskwire({ url: app.url, token: () => ana.token });
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
