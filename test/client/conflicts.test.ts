/** Two people change one task: what does not clash goes through, what does is shown with both values. */
import { expect, test } from "bun:test";
import { when } from "../../src/client/index.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { addMember, makeProject, makeTask, ok } from "../support/people.ts";
import { clientStage } from "./stage.ts";

const stage = clientStage();

/** Ana is offline with the task as she saw it. */
async function apart() {
  const project = await makeProject(stage.ana);
  await addMember(stage.ana, project, stage.ben, "member");
  const task = await makeTask(stage.ana, project, { title: "Door", description: "Paint it" });
  const client = stage.overLink(stage.ana);
  const store = await client.joinProject(project.id);
  stage.link.cut();
  await when(client.connection.state, (state) => state === "offline");
  const changedByBen = (body: object): Promise<Task> =>
    stage.ben.call<Task>("PATCH", `/api/tasks/${task.id}`, body).then((reply) => ok(reply, 200));
  return { task, client, store, changedByBen };
}

const refusal = (error: unknown): unknown => error;

test("changes of other fields go through, and so do two of one's own, one after the other", async () => {
  const { task, client, store, changedByBen } = await apart();
  const first = client.updateTask(task.id, { description: "Paint it green" }, task);
  const seen = store.tasks.value.get(task.id) ?? task;
  const second = client.updateTask(task.id, { description: "Paint it dark green" }, seen);
  const other = store.openTask(task.id).addChecklistItem("Brush"); // raises the version, too
  const third = client.updateTask(task.id, { title: "The door" }, task);
  await changedByBen({ priority: "high" });
  stage.link.mend();
  await Promise.all([first, second, other]);
  expect(await third).toMatchObject({ title: "The door", description: "Paint it dark green", priority: "high" });
  expect(client.conflicts.value).toEqual([]);
});

test("a change of the same field is a conflict with both values; keeping writes mine over theirs", async () => {
  const { task, client, store, changedByBen } = await apart();
  const mine = client.updateTask(task.id, { description: "Green", title: "Green door" }, task).catch(refusal);
  const theirs = await changedByBen({ description: "Red" });
  stage.link.mend();
  expect(await mine).toMatchObject({ code: "conflict" });
  const [conflict] = client.conflicts.value;
  expect(conflict).toMatchObject({ taskId: task.id, mine: { description: "Green" }, theirs, fields: ["description"] });
  await when(store.tasks, (tasks) => tasks.get(task.id)?.description === "Red");
  expect(await conflict?.keep()).toMatchObject({ description: "Green", title: "Green door" });
  expect(client.conflicts.value).toEqual([]);
});

test("taking theirs still writes what they did not touch", async () => {
  const { task, client, changedByBen } = await apart();
  const mine = client.updateTask(task.id, { description: "Green", title: "Green door" }, task).catch(refusal);
  await changedByBen({ description: "Red" });
  stage.link.mend();
  await mine;
  await client.conflicts.value[0]?.take();
  const now = ok(await stage.ana.call<Task>("GET", `/api/tasks/${task.id}`), 200);
  expect(now).toMatchObject({ description: "Red", title: "Green door" });
  expect(client.conflicts.value).toEqual([]);
});

test("both wanting the same is no conflict; a version alone makes every difference one", async () => {
  const { task, client, changedByBen } = await apart();
  const same = client.updateTask(task.id, { description: "Red" }, task);
  const careful = client.updateTask(task.id, { title: "Green door" }, task.version).catch(refusal);
  await changedByBen({ description: "Red" });
  stage.link.mend();
  expect(await same).toMatchObject({ description: "Red" });
  expect(await careful).toMatchObject({ code: "conflict" });
  expect(client.conflicts.value.map(({ fields }) => fields)).toEqual([["title"]]);
});
