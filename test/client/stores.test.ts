/** What a store shows: the server's state, with one's own writes on top until the server has told them itself. */
import { expect, test } from "bun:test";
import { createArchive } from "../../src/client/archive.ts";
import { when } from "../../src/client/observable.ts";
import type { Write } from "../../src/client/optimistic.ts";
import { createPresence } from "../../src/client/presence.ts";
import { createStore } from "../../src/client/stores.ts";
import { createTyping } from "../../src/client/typing.ts";
import type { ColumnChanges } from "../../src/client/writes.ts";
import type { ChecklistItem } from "../../src/protocol/checklist.ts";
import type { Comment } from "../../src/protocol/comments.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { createMovableClock } from "../support/clock.ts";
import { makeDetails, makeRest, makeState, makeTask } from "./tasks.ts";

function open(
  tasks: readonly Task[],
  load: () => Promise<Comment[]> = async () => [],
  archived: () => Promise<Task[]> = async () => [],
  checklist: () => Promise<ChecklistItem[]> = async () => [],
) {
  const clock = createMovableClock();
  const rest = makeRest({
    "/comments": async () => ({ items: await load(), next_cursor: null }),
    "/checklist": async () => ({ items: await checklist(), next_cursor: null }),
    "archived=true": async () => ({ items: await archived(), next_cursor: null }),
  });
  const said: boolean[] = [];
  const input = createStore(
    "p",
    makeState(...tasks),
    { epoch: "e", seq: 10 },
    {
      details: makeDetails(clock, rest),
      archive: createArchive({ projectId: "p", rest, clock, random: () => 0 }),
      rest,
      clock,
      random: () => 0,
      presence: createPresence(clock),
      typing: createTyping(clock, (_, isTyping) => void said.push(isTyping)),
      leave() {},
    },
  );
  const task = (id: string): Task | undefined => input.store.tasks.value.get(id);
  return { ...input, input, clock, said, task };
}

const statusWrite = (mutationId: string, status: string): Write => ({
  event: "task_status_update",
  mutationId,
  madeAtMs: Date.parse("2026-11-21T10:00:05.000Z"),
  userId: "ana",
  data: { task_id: "t1", status, mutation_id: mutationId },
});

const changed = (seq: number, task: Task, mutation_id?: string): LoggedEvent => ({
  event: "task_status_changed",
  room: "project:p",
  seq,
  at: "",
  ...(mutation_id !== undefined && { mutation_id }),
  data: { task, task_id: task.id, old_status: "todo", new_status: task.status, updated_by: "ana" },
});

test("a write shows at once, and its event takes its place whether it comes before the answer or after", () => {
  for (const order of ["event first", "answer first"]) {
    const { input, store, task } = open([makeTask()]);
    input.show(statusWrite("m", "review"));
    expect(task("t1")).toMatchObject({ status: "review", version: 1 });
    expect(store.pending.value).toEqual(new Set(["t1"]));
    const told = () => input.apply([changed(11, makeTask({ status: "review", version: 2 }), "m")]);
    if (order === "event first") told();
    input.settle(statusWrite("m", "review"), 11);
    expect(task("t1")?.status).toBe("review");
    if (order === "answer first") told();
    expect(task("t1")).toMatchObject({ status: "review", version: 2 });
    expect(store.pending.value.size).toBe(0);
  }
});

test("once its event is here a write is done with, even before its answer: what others do next shows", () => {
  const { input, store, task } = open([makeTask()]);
  input.show(statusWrite("m", "review"));
  input.apply([changed(11, makeTask({ status: "review", version: 2 }), "m")]);
  input.apply([changed(12, makeTask({ status: "completed", version: 3 }), "of somebody else")]);
  expect(task("t1")?.status).toBe("completed");
  expect(store.pending.value.size).toBe(0);
});

test("what others do meanwhile stands below one's own unconfirmed write, and comes out when it is refused", () => {
  const { input, task } = open([makeTask()]);
  input.show(statusWrite("m", "review"));
  input.apply([changed(11, makeTask({ status: "completed", title: "Renamed", version: 2 }))]);
  expect(task("t1")).toMatchObject({ status: "review", title: "Renamed" });
  input.forget("m");
  expect(task("t1")).toMatchObject({ status: "completed", title: "Renamed" });
});

test("of two writes the later one shows until both are confirmed", () => {
  const { input, task } = open([makeTask()]);
  input.show(statusWrite("m1", "review"));
  input.show(statusWrite("m2", "completed"));
  input.apply([changed(11, makeTask({ status: "review" }), "m1")]);
  expect(task("t1")?.status).toBe("completed");
});

test("a snapshot past the answer replaces what was shown; one from before it does not", () => {
  const { input, task } = open([makeTask()]);
  input.show(statusWrite("m", "review"));
  input.settle(statusWrite("m", "review"), 15);
  input.reset(makeState(makeTask()), { epoch: "e", seq: 14 });
  expect(task("t1")?.status).toBe("review");
  input.reset(makeState(makeTask({ title: "Later" })), { epoch: "e", seq: 15 });
  expect(task("t1")).toMatchObject({ status: "todo", title: "Later" });
});

test("a new task stands at the end of its column without a key until the server has numbered it", () => {
  const { input, task } = open([makeTask()]);
  const data = { id: "t2", project_id: "p", title: "New", mutation_id: "m" };
  input.show({ event: "task_create", mutationId: "m", madeAtMs: 0, userId: "ana", data });
  expect(task("t2")).toMatchObject({ title: "New", key: "", status: "todo", created_by: "ana" });
  expect((task("t2")?.position ?? "") > "a1").toBe(true);
});

const projectWrite = { madeAtMs: 0, userId: "ana" };

test("columns and labels show as one's own writes will have made them; another's event comes below", () => {
  const { input, store } = open([makeTask()]);
  const of = { project_id: "p" };
  const names = () => store.columns.value.map(({ name, wip_limit }) => (wip_limit ? `${name} ${wip_limit}` : name));
  const change = (mutationId: string, column_id: string, changes: ColumnChanges) =>
    input.show({ ...projectWrite, event: "column_update", mutationId, data: { ...of, column_id, ...changes } });
  const made = { ...of, id: "c", name: "Ideas", status: "ideas" };
  input.show({ ...projectWrite, event: "column_create", mutationId: "m1", data: made });
  change("m2", "c", { name: "Wishes", wip_limit: 2 });
  change("m3", "c", { before: "review" });
  const label = { ...of, id: "l", name: "bug", color: "#ff0000" };
  input.show({ ...projectWrite, event: "label_create", mutationId: "m4", data: label });
  expect(names()).toEqual(["todo", "Wishes 2", "review", "completed"]);
  expect(store.pending.value).toEqual(new Set(["c"]));
  expect(store.labels.value.map(({ name }) => name)).toEqual(["bug"]);
  change("m5", "todo", { after: "completed" });
  expect(names()).toEqual(["Wishes 2", "review", "completed", "todo"]);
  input.forget("m5");
  input.forget("m2");
  expect(names()).toEqual(["todo", "Ideas", "review", "completed"]);
});

const archiveWrite = (mutationId: string, archived_at: string | null): Write => ({
  ...projectWrite,
  event: "task_update",
  mutationId,
  data: { task_id: "t1", changes: { archived_at }, mutation_id: mutationId },
});

test("what is archived here leaves the board at once for the archive, and comes back at once", async () => {
  const { input, store, task } = open([makeTask()], undefined, async () => [
    makeTask({ id: "t2", archived_at: "2026" }),
  ]);
  const { archived } = store;
  const ids = () => archived.items.value?.map(({ id, pending }) => [id, pending]);
  input.show(archiveWrite("m1", "2026-11-21T10:00:00.000Z"));
  expect([task("t1"), ids()]).toEqual([undefined, [["t1", true]]]);
  expect([archived.loaded.value, store.openTask("t1").task.value?.id]).toEqual([false, "t1"]);
  archived.items.subscribe(() => {});
  await when(archived.loaded, Boolean);
  expect(ids()).toEqual([
    ["t2", false],
    ["t1", true],
  ]);
  input.show(archiveWrite("m2", null));
  expect(task("t1")?.archived_at).toBeNull();
  expect(ids()).toEqual([["t2", false]]);
});

test("archived tasks that are there come back at once, too, and follow what others do", async () => {
  const old = makeTask({ archived_at: "2026-11-20T10:00:00.000Z" });
  const { input, store, task } = open([], undefined, async () => [old]);
  const { items, loaded } = store.archived;
  items.subscribe(() => {});
  await when(loaded, Boolean);
  input.show(archiveWrite("m", null));
  expect([task("t1")?.title, items.value]).toEqual(["Task", []]);
  input.forget("m");
  expect([task("t1"), items.value?.length]).toEqual([undefined, 1]);
  const told = (seq: number, event: string, of: Task, changes: object): LoggedEvent => ({
    ...changed(seq, of),
    event,
    data: { task: of, task_id: of.id, changes },
  });
  input.apply([told(11, "task_updated", { ...old, archived_at: null }, { archived_at: null })]);
  expect([task("t1")?.title, items.value]).toEqual(["Task", []]);
  input.apply([told(12, "task_updated", { ...old, title: "Renamed" }, { archived_at: old.archived_at })]);
  expect([task("t1"), items.value?.[0]?.title]).toEqual([undefined, "Renamed"]);
  input.apply([told(13, "task_deleted", old, {})]);
  expect(items.value).toEqual([]);
});

test("archived tasks leave the store, and come back when they are restored", () => {
  const { input, task } = open([makeTask()]);
  const updated = (seq: number, archived_at: string | null): LoggedEvent => ({
    ...changed(seq, makeTask({ archived_at })),
    event: "task_updated",
  });
  input.apply([updated(11, "2026-11-21T10:00:00.000Z")]);
  expect(task("t1")).toBeUndefined();
  input.apply([updated(12, null)]);
  expect(task("t1")).toBeDefined();
});

test("maps that did not change stay the same objects, so that views of them are not drawn again", () => {
  const { input, store } = open([makeTask()]);
  const { members, columns } = store;
  const [membersBefore, columnsBefore] = [members.value, columns.value];
  let told = 0;
  store.tasks.subscribe(() => told++);
  input.apply([changed(11, makeTask({ version: 2 })), changed(12, makeTask({ version: 3 }))]);
  expect(members.value).toBe(membersBefore);
  expect(columns.value).toBe(columnsBefore);
  expect(told).toBe(2);
});

const comment = (id: string, more: Partial<Comment> = {}): Comment => ({
  id,
  task_id: "t1",
  author_id: "ben",
  content: id,
  reactions: {},
  created_at: `2026-11-21T10:00:0${id}.000Z`,
  edited_at: null,
  deleted_at: null,
  ...more,
});
const commented = (seq: number, event: string, of: Comment): LoggedEvent => ({
  event,
  room: "project:p",
  seq,
  at: "",
  data: { comment: of, task_id: "t1" },
});

test("what an event tells while the comments are being loaded is newer than the list that arrives", async () => {
  const loading = Promise.withResolvers<Comment[]>();
  const { input, store } = open([makeTask()], () => loading.promise);
  const { items } = store.openTask("t1").comments;
  items.subscribe(() => {});
  input.apply([
    commented(11, "comment_updated", comment("1", { content: "edited" })),
    commented(12, "comment_deleted", comment("2", { deleted_at: "2026-11-21T10:01:00.000Z" })),
    commented(13, "comment_added", comment("3")),
  ]);
  expect(items.value).toBeNull();
  loading.resolve([comment("2"), comment("1")]);
  const shown = await when(items, (list) => list !== null);
  expect(shown?.map(({ content }) => content)).toEqual(["edited", "3"]);
});

test("one's own comments show before the others are loaded, and stay when they are confirmed", async () => {
  const loading = Promise.withResolvers<Comment[]>();
  const { input, store } = open([makeTask()], () => loading.promise);
  const { items, loaded } = store.openTask("t1").comments;
  items.subscribe(() => {});
  const data = { task_id: "t1", id: "2", content: "2", mutation_id: "m" };
  const shown = () => items.value?.map(({ content, pending }) => [content, pending]);
  input.show({ ...projectWrite, event: "new_comment", mutationId: "m", data });
  expect([shown(), loaded.value]).toEqual([[["2", true]], false]);
  input.apply([{ ...commented(11, "comment_added", comment("2")), mutation_id: "m" }]);
  expect([shown(), loaded.value]).toEqual([[["2", false]], false]);
  loading.resolve([comment("1")]);
  await when(loaded, Boolean);
  expect(shown()).toEqual([
    ["1", false],
    ["2", false],
  ]);
});

const checklistItem = (id: string, done: boolean): ChecklistItem => ({
  id,
  task_id: "t1",
  title: id,
  done,
  position: id,
  created_by: "ben",
  created_at: "2026-11-21T10:00:00.000Z",
  completed_at: null,
});
const updated = (seq: number, changes: object): LoggedEvent => ({
  ...changed(seq, makeTask()),
  event: "task_updated",
  data: { task: makeTask(), task_id: "t1", changes },
});

test("a task that comes back from the archive has all its comments and items counted, each once", async () => {
  const loading = Promise.withResolvers<Comment[]>();
  const items = [checklistItem("a", true), checklistItem("b", false)];
  const { input, store } = open(
    [],
    () => loading.promise,
    undefined,
    async () => items,
  );
  const counts = () => store.counts.value.get("t1");
  input.apply([updated(11, { archived_at: null })]);
  input.apply([commented(12, "comment_added", comment("4"))]);
  // The answer is newer than what the room has told so far.
  const deleted = comment("1", { deleted_at: "2026-11-21T10:01:00.000Z" });
  loading.resolve([deleted, comment("2"), comment("3"), comment("4"), comment("5")]);
  await when(store.counts, (all) => all.get("t1")?.checklist_total === 2);
  expect(counts()).toEqual({ comments: 4, checklist_done: 1, checklist_total: 2 });
  input.apply([commented(13, "comment_added", comment("5"))]);
  expect(counts()?.comments).toBe(4);
  input.apply([commented(14, "comment_deleted", deleted)]);
  expect(counts()?.comments).toBe(4);
  input.apply([commented(15, "comment_added", comment("6")), updated(16, { checklist: [checklistItem("a", true)] })]);
  expect(counts()).toEqual({ comments: 5, checklist_done: 1, checklist_total: 1 });
  input.apply([commented(17, "comment_deleted", { ...comment("6"), deleted_at: "2026-11-21T10:02:00.000Z" })]);
  expect(counts()?.comments).toBe(4);
  input.apply([{ ...updated(18, {}), event: "task_deleted" }]);
  expect(counts()).toBeUndefined();
});

test("an answer about a task from the archive that comes behind a whole new state, or the task's end, counts no more", async () => {
  for (const end of ["new state", "deleted", "closed"]) {
    const loading = Promise.withResolvers<Comment[]>();
    const { input, store } = open([], () => loading.promise);
    const counts = store.counts.value;
    input.apply([updated(11, { archived_at: null })]);
    if (end === "new state") input.reset({ ...makeState(makeTask()), counts }, { epoch: "e", seq: 12 });
    if (end === "deleted") input.apply([{ ...updated(12, {}), event: "task_deleted" }]);
    if (end === "closed") input.close("left");
    loading.resolve([comment("1")]);
    // Longer than any chain of promises between an answer and the store.
    for (let i = 0; i < 50; i++) await Promise.resolve();
    expect([end, store.counts.value]).toEqual([end, counts]);
  }
});

test("typing is told once in four seconds while it goes on, and once when it ends", () => {
  const { store, clock, said } = open([makeTask()]);
  store.setTyping("t1", true);
  store.setTyping("t1", true);
  expect(said).toEqual([true]);
  clock.advance(4000);
  store.setTyping("t1", true);
  expect(said).toEqual([true, true]);
  store.setTyping("t1", false);
  store.setTyping("t1", false);
  expect(said).toEqual([true, true, false]);
});

test("typing whose end was lost on the way ends by itself", () => {
  const { input, store, clock } = open([makeTask()]);
  const user = { id: "ben", name: "Ben", avatar_url: null, role: "user" as const };
  input.hear({ event: "user_typing_status", at: "", data: { task_id: "t1", user, is_typing: true } });
  expect(store.typing.value.get("t1")).toEqual([user]);
  clock.advance(8000);
  expect(store.typing.value.size).toBe(0);
});
