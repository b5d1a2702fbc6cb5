/** An open task: read once, then kept by events, over a cut link and over a log that does not reach back. */
import { expect, test } from "bun:test";
import { type TaskDetail, when } from "../../src/client/index.ts";
import type { ActivityEntry } from "../../src/protocol/activity.ts";
import type { ChecklistItem } from "../../src/protocol/checklist.ts";
import type { Comment } from "../../src/protocol/comments.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import type { User } from "../../src/protocol/users.ts";
import { addMember, makeComment, makeProject, makeTask, ok, type Page } from "../support/people.ts";
import { clientStage } from "./stage.ts";

const stage = clientStage();

/** Ana has a task open, over a link that can be cut; Ben is a member. */
async function openTask(body: object = { title: "Paint" }) {
  const project = await makeProject(stage.ana);
  await addMember(stage.ana, project, stage.ben, "member");
  const task = await makeTask(stage.ana, project, body);
  const client = stage.overLink(stage.ana);
  const store = await client.joinProject(project.id);
  const detail = store.openTask(task.id);
  watchAll(detail);
  await loaded(detail);
  return { project, task, client, store, detail };
}

const nothing = () => {};
function watchAll(detail: TaskDetail): void {
  for (const list of [detail.comments.items, detail.activity.items]) list.subscribe(nothing);
  detail.checklist.subscribe(nothing);
  detail.watchers.subscribe(nothing);
}
const isThere = (value: unknown): boolean => value !== null;
async function loaded({ comments, checklist, activity, watchers }: TaskDetail): Promise<void> {
  await Promise.all([
    when(comments.items, isThere),
    when(checklist, isThere),
    when(activity.items, isThere),
    when(watchers, isThere),
  ]);
}

/** What REST says of the task, and what the open task shows. */
async function both(detail: TaskDetail) {
  const path = `/api/tasks/${detail.taskId}`;
  const list = async <Item>(part: string) => ok(await stage.ana.call<Page<Item>>("GET", `${path}/${part}`), 200).items;
  const server = {
    task: ok(await stage.ana.call<Task>("GET", path), 200),
    comments: (await list<Comment>("comments?limit=200")).filter(({ deleted_at }) => deleted_at === null),
    checklist: await list<ChecklistItem>("checklist?limit=200"),
    activity: await list<ActivityEntry>("activity?limit=200"),
  };
  const bare = <Item extends { pending: boolean }>(items: readonly Item[] | null) =>
    items?.map(({ pending, ...item }) => {
      expect(pending).toBe(false);
      return item;
    });
  const client = {
    task: detail.task.value,
    comments: bare(detail.comments.items.value),
    checklist: bare(detail.checklist.value),
    activity: detail.activity.items.value,
  };
  return { server, client };
}

async function expectSame(detail: TaskDetail): Promise<void> {
  const { server, client } = await both(detail);
  expect(JSON.parse(JSON.stringify(client))).toEqual(server);
}

/** Ben does one of everything. Answers the comment that stays. */
async function doEverything(task: Task): Promise<Comment> {
  const path = `/api/tasks/${task.id}`;
  const first = await makeComment(stage.ben, task, "Which colour?");
  const gone = await makeComment(stage.ben, task, "Never mind");
  ok(await stage.ben.call("PATCH", `/api/comments/${first.id}`, { content: "Which colour, please?" }), 200);
  ok(await stage.ben.call("PUT", `/api/comments/${first.id}/reactions/${encodeURIComponent("👍")}`), 200);
  ok(await stage.ben.call("DELETE", `/api/comments/${gone.id}`), 204);
  const item = ok(await stage.ben.call<ChecklistItem>("POST", `${path}/checklist`, { title: "Brush" }), 201);
  const other = ok(await stage.ben.call<ChecklistItem>("POST", `${path}/checklist`, { title: "Tape" }), 201);
  ok(await stage.ben.call("PATCH", `/api/checklist/${item.id}`, { done: true, after: other.id }), 200);
  ok(
    await stage.ben.call("PATCH", path, { title: "Paint the door", description: "d".repeat(300), status: "review" }),
    200,
  );
  ok(await stage.ben.call("PATCH", path, { assignee_ids: [stage.ben.id] }), 200);
  return first;
}

test("what others do to an open task arrives in all its parts, as REST tells it", async () => {
  const { task, detail } = await openTask();
  await doEverything(task);
  await when(detail.task, (now) => now?.assignee_ids.length === 1);
  await when(detail.comments.items, (list) => list?.length === 1);
  await expectSame(detail);
  // Whoever comments or is assigned watches from then on; no event says so.
  const watchers = await when(detail.watchers, (people) => people?.some(({ id }) => id === stage.ben.id) ?? false);
  expect(watchers?.map(({ id }) => id)).toContain(stage.ana.id);
});

test("one's own verbs show at once, pending, and are what the server has in the end", async () => {
  const { task, client, detail } = await openTask();
  const said = await makeComment(stage.ben, task, "Which colour?");
  await when(detail.comments.items, (list) => list?.length === 1);
  const writes: Promise<unknown>[] = [
    detail.addComment("Green"),
    detail.react(said.id, "🎉"),
    detail.addChecklistItem("Brush"),
    detail.addChecklistItem("Tape"),
  ];
  expect(detail.comments.items.value?.map(({ content, pending }) => [content, pending])).toEqual([
    ["Which colour?", true],
    ["Green", true],
  ]);
  expect(detail.comments.items.value?.[0]?.reactions).toEqual({ "🎉": [stage.ana.id] });
  const [brush, tape] = detail.checklist.value ?? [];
  expect([brush?.title, tape?.title]).toEqual(["Brush", "Tape"]);
  writes.push(
    detail.toggleChecklistItem(brush?.id ?? "", true),
    detail.moveChecklistItem(brush?.id ?? "", { after: tape?.id ?? "" }),
    detail.renameChecklistItem(tape?.id ?? "", "Masking tape"),
    detail.unwatch(),
  );
  expect(detail.checklist.value?.map(({ title, done }) => [title, done])).toEqual([
    ["Masking tape", false],
    ["Brush", true],
  ]);
  expect(detail.watching.value).toBe(false);
  await Promise.all(writes);
  expect(client.waiting.value).toEqual([]);
  const settled = (list: readonly { pending: boolean }[] | null) => list?.every(({ pending }) => !pending) ?? false;
  await when(detail.comments.items, settled);
  await when(detail.checklist, settled);
  await expectSame(detail);
  const watchers = ok(await stage.ana.call<Page<User>>("GET", `/api/tasks/${task.id}/watchers`), 200).items;
  expect(watchers.some(({ id }) => id === stage.ana.id)).toBe(false);
  expect(detail.watching.value).toBe(false);
});

test("a refused change is taken back, and the refusal is told to whoever listens", async () => {
  const { task, client, detail, project } = await openTask();
  const said = await makeComment(stage.ana, task, "Mine");
  await when(detail.comments.items, (list) => list?.length === 1);
  const heard: string[] = [];
  client.onRefused(({ write, error }) => heard.push(`${write.event} ${error.code}`));
  const refused = detail.react(said.id, "no emoji").catch((error: unknown) => error);
  expect(detail.comments.items.value?.[0]).toMatchObject({ reactions: { "no emoji": [stage.ana.id] }, pending: true });
  expect(await refused).toMatchObject({ code: "invalid" });
  expect(detail.comments.items.value?.[0]).toMatchObject({ reactions: {}, pending: false });

  const other = await makeTask(stage.ben, project);
  ok(await stage.ben.call("PUT", `/api/tasks/${other.id}/blocked-by/${task.id}`), 200);
  await when(detail.blocking, (list) => list.length === 1);
  expect(await detail.block(other.id).catch((error: unknown) => error)).toMatchObject({ code: "conflict" });
  expect(detail.blockers.value).toEqual([]);
  expect(heard).toEqual(["reaction_add invalid", "blocker_add conflict"]);
});

test("blockers, what is blocked and subtasks follow the project, archived ones and removals too", async () => {
  const { project, task, detail, store } = await openTask();
  const child = await makeTask(stage.ben, project, { title: "Child", parent_id: task.id });
  const blocker = await makeTask(stage.ben, project, { title: "Blocker" });
  const later = await makeTask(stage.ben, project, { title: "Later" });
  await when(store.tasks, (tasks) => tasks.size === 4);
  ok(await stage.ben.call("PUT", `/api/tasks/${later.id}/blocked-by/${task.id}`), 200);
  const blocked = detail.block(blocker.id);
  expect(detail.blockers.value.map(({ title }) => title)).toEqual(["Blocker"]);
  await blocked;
  await when(detail.blocking, (list) => list.length === 1);
  expect(detail.subtasks.value.map(({ id }) => id)).toEqual([child.id]);

  ok(await stage.ben.call("PATCH", `/api/tasks/${blocker.id}`, { archived_at: new Date().toISOString() }), 200);
  const [archived] = await when(detail.blockers, ([one]) => one?.archived_at !== null && one !== undefined);
  expect(archived).toMatchObject({ id: blocker.id });
  await detail.unblock(blocker.id);
  expect(detail.blockers.value).toEqual([]);
  ok(await stage.ben.call("DELETE", `/api/tasks/${later.id}`), 204);
  await when(detail.blocking, (list) => list.length === 0);
});

test("an archived task opens all the same, one that is nowhere is missing, one that goes is deleted", async () => {
  const { project, task, store, detail } = await openTask();
  const old = await makeTask(stage.ana, project);
  ok(await stage.ana.call("PATCH", `/api/tasks/${old.id}`, { archived_at: new Date().toISOString() }), 200);
  await when(store.tasks, (tasks) => !tasks.has(old.id));
  const archived = store.openTask(old.id);
  await when(archived.state, (state) => state === "open");
  ok(await stage.ben.call("PATCH", `/api/tasks/${old.id}`, { title: "Renamed" }), 200);
  await when(archived.task, (now) => now?.title === "Renamed");
  const nowhere = store.openTask(project.id);
  await when(nowhere.state, (state) => state === "missing");
  ok(await stage.ben.call("DELETE", `/api/tasks/${task.id}`), 204);
  await when(detail.state, (state) => state === "deleted");
  expect(detail.task.value).toBeNull();
});

test("[S5] what happened while the link was cut is there when it is mended, also where the log does not reach back", async () => {
  for (const reaches of [true, false]) {
    const { task, project, client, detail } = await openTask();
    await makeComment(stage.ben, task, "Before");
    await when(detail.comments.items, (list) => list?.length === 1);
    stage.link.cut();
    await when(client.connection.state, (state) => state === "offline");
    await doEverything(task);
    if (!reaches) await stage.app.database.sql`update rooms set trimmed_seq = seq where id = ${project.id}`;
    stage.link.mend();
    await when(detail.task, (now) => now?.assignee_ids.length === 1);
    await when(detail.comments.items, (list) => list?.some(({ content }) => content.includes("please")) ?? false);
    await when(detail.checklist, (list) => list?.length === 2);
    await when(detail.activity.items, (list) => (list?.length ?? 0) > 8);
    await when(client.connection.state, (state) => state === "live");
    await expectSame(detail);
  }
});

test("comments and activity are read back page by page, while new ones come in at the other end", async () => {
  const project = await makeProject(stage.ana);
  const task = await makeTask(stage.ana, project);
  for (let i = 0; i < 120; i++) await makeComment(stage.ana, task, `Comment ${i}`);
  const client = stage.overLink(stage.ana);
  const store = await client.joinProject(project.id);
  const detail = store.openTask(task.id);
  watchAll(detail);
  await loaded(detail);
  const { items, hasMore, loadMore } = detail.comments;
  expect([items.value?.length, items.value?.at(-1)?.content, hasMore.value]).toEqual([50, "Comment 119", true]);
  // An old one that is not in sight yet changes: it must not stand alone in front of a gap.
  const oldest = ok(await stage.ana.call<Page<Comment>>("GET", `/api/tasks/${task.id}/comments?limit=1`), 200).items[0];
  ok(await stage.ana.call("PATCH", `/api/comments/${oldest?.id}`, { content: "Edited" }), 200);
  await detail.addComment("New");
  await when(items, (list) => list?.at(-1)?.pending === false && list.at(-1)?.content === "New");
  expect(items.value?.length).toBe(51);
  await Promise.all([loadMore(), loadMore()]);
  expect(items.value?.length).toBe(101);
  await loadMore();
  expect([items.value?.length, items.value?.[0]?.content, hasMore.value]).toEqual([121, "Edited", false]);
  while (detail.activity.hasMore.value) await detail.activity.loadMore();
  await expectSame(detail);
});
