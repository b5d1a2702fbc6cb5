import { expect, test } from "bun:test";
import { type Reminder, remindersMax } from "../../src/protocol/reminders.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { addMember, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { planned, waiting } from "../support/reminders.ts";
import { makeTeam, update } from "../support/team.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const iso = (atMs: number): string => new Date(atMs).toISOString();
const dueMs = Math.floor(Date.now() / day) * day + 10.5 * day;

const pathOf = (task: Task): string => `/api/tasks/${task.id}/reminders`;
const ask = (person: Person, task: Task, offset_minutes: unknown, mutation_id?: string) =>
  person.call<Reminder>("POST", pathOf(task), { offset_minutes, mutation_id });
const list = async (person: Person, task: Task, query = "") =>
  ok(await person.call<Page<Reminder>>("GET", `${pathOf(task)}${query}`), 200);

describeApp("reminders that people ask for", (app) => {
  const setUp = async (name: string) => {
    const team = await makeTeam(app, name);
    const task = await makeTask(team.ana, team.project, { title: "Due", due_at: iso(dueMs) });
    return { ...team, task };
  };

  test("any member has some of their own, and sees nobody else's", async () => {
    const { ana, ben, project, task } = await setUp("asked");
    const vera = await makePerson(app, "asked-vera");
    await addMember(ana, project, vera, "viewer");
    const reply = await ask(vera, task, 45);
    const made = ok(reply, 201);
    expect(made).toEqual({
      id: expect.any(String),
      task_id: task.id,
      offset_minutes: 45,
      remind_at: iso(dueMs - 45 * minute),
      created_at: expect.any(String),
    });
    expect(reply.headers.get("location")).toBe(pathOf(task));
    ok(await ask(vera, task, 0), 201);
    expect((await list(vera, task)).items.map((one) => [one.offset_minutes, one.remind_at])).toEqual([
      [45, iso(dueMs - 45 * minute)],
      [0, iso(dueMs)],
    ]);
    expect((await list(ben, task)).items).toEqual([]);
    await planned(app.database, project.id);
    expect(await waiting(app.database, task.id, vera.id)).toEqual([
      `upcoming 45 ${iso(dueMs - 45 * minute)}`,
      `due 0 ${iso(dueMs)}`,
    ]);
  });

  test("they follow the due time, and wait where there is none", async () => {
    const { ana, ben, task } = await setUp("asked-moved");
    ok(await ask(ben, task, 45), 201);
    const next = async (): Promise<unknown> => {
      await planned(app.database, task.project_id);
      return (await list(ben, task)).items[0]?.remind_at;
    };
    await update(ana, task, { due_at: iso(dueMs + day) });
    expect(await next()).toBe(iso(dueMs + day - 45 * minute));
    await update(ana, task, { due_at: null });
    expect(await next()).toBe(null);
    await update(ana, task, { due_at: iso(dueMs) });
    expect(await next()).toBe(iso(dueMs - 45 * minute));
    await update(ana, task, { status: "completed" });
    expect(await next()).toBe(null);
    await update(ana, task, { status: "todo", due_at: iso(Date.now() + 20 * minute) });
    expect(await next()).toBe(null); // 45 minutes before is past
  });

  test("taken back it is gone, but not the one of the preferences at the same time", async () => {
    const { ana, ben, task } = await setUp("asked-back");
    await update(ana, task, { assignee_ids: [ben.id] });
    const own = ok(await ask(ben, task, 45), 201);
    const same = ok(await ask(ben, task, 60), 201);
    expect((await ana.call("DELETE", `/api/reminders/${own.id}`)).status).toBe(404);
    for (const { id } of [own, same]) ok(await ben.call("DELETE", `/api/reminders/${id}`), 204);
    expect((await ben.call("DELETE", `/api/reminders/${own.id}`)).status).toBe(404);
    expect((await list(ben, task)).items).toEqual([]);
    await planned(app.database, task.project_id);
    const kinds = (await waiting(app.database, task.id, ben.id)).map((one) => one.slice(0, -25));
    expect(kinds).toEqual(["upcoming 1440", "upcoming 60", "due 0", "overdue 0"]);
  });

  test("[H4] one that is there already is answered; a retry is the same request", async () => {
    const { ben, task } = await setUp("asked-twice");
    const first = ok(await ask(ben, task, 45, "once"), 201);
    expect(ok(await ask(ben, task, 45), 201)).toEqual(first);
    ok(await ben.call("DELETE", `/api/reminders/${first.id}`, { mutation_id: "gone" }), 204);
    expect(ok(await ask(ben, task, 45, "once"), 201)).toEqual(first);
    ok(await ben.call("DELETE", `/api/reminders/${first.id}`, { mutation_id: "gone" }), 204);
    expect((await list(ben, task)).items).toEqual([]);
    expect((await ask(ben, task, 50, "once")).problem.code).toBe("idempotency_mismatch");
  });

  test("strangers find nothing, and what is no offset is refused", async () => {
    const { ana, ben, project, task } = await setUp("asked-refused");
    const stranger = await makePerson(app, "asked-stranger");
    expect((await ask(stranger, task, 45)).status).toBe(404);
    expect((await stranger.call("GET", pathOf(task))).status).toBe(404);
    for (const offset of [-1, 0.5, 40_321, "45", null, undefined])
      expect((await ask(ben, task, offset)).problem.errors?.[0]?.path).toBe("offset_minutes");
    expect((await ben.call("GET", `${pathOf(task)}?cursor=W10`)).problem.errors?.[0]?.path).toBe("cursor");
    ok(await ana.call("DELETE", `/api/projects/${project.id}`), 204);
    expect((await ask(ben, task, 45)).status).toBe(404);
  });

  test("there are at most ten on a task, in pages", async () => {
    const { ben, task } = await setUp("asked-many");
    const offsets = Array.from({ length: remindersMax }, (_, i) => i * 5);
    for (const offset of offsets) ok(await ask(ben, task, offset), 201);
    expect((await ask(ben, task, 7)).problem.code).toBe("conflict");
    ok(await ask(ben, task, 5), 201); // it is there already
    const first = await list(ben, task, "?limit=6");
    const second = await list(ben, task, `?limit=6&cursor=${first.next_cursor}`);
    const seen = [...first.items, ...second.items].map(({ offset_minutes }) => offset_minutes);
    expect(seen).toEqual(offsets.toReversed());
    expect(second.next_cursor).toBe(null);
  });
});
