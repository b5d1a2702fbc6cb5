import { expect, test } from "bun:test";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { makeTask, ok, type Person } from "../support/people.ts";
import { planned, waiting } from "../support/reminders.ts";
import { makeTeam, update } from "../support/team.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** The day on which these tests began: midnight may pass while they run. */
const today = Math.floor(Date.now() / day) * day;
/** Noon UTC, so many days from it. */
const noonIn = (days: number): number => today + days * day + 12 * hour;
const iso = (atMs: number): string => new Date(atMs).toISOString();

/** The reminders of the default preferences of somebody in UTC, of a task due at this time of a day. */
const defaults = (dueMs: number): string[] => [
  `upcoming 1440 ${iso(dueMs - day)}`,
  `upcoming 60 ${iso(dueMs - hour)}`,
  `due 0 ${iso(dueMs)}`,
  `overdue 0 ${iso(Math.floor(dueMs / day) * day + day + 9 * hour)}`,
];

describeApp("reminders are planned", (app) => {
  const of = async (person: Person, task: Task): Promise<string[]> => {
    await planned(app.database, task.project_id);
    return waiting(app.database, task.id, person.id);
  };
  const makeDue = (person: Person, project: Project, dueMs: number, more: object = {}): Promise<Task> =>
    makeTask(person, project, { title: "Due", due_at: iso(dueMs), assignee_ids: [person.id], ...more });
  const fire = (task: Task) => app.database.sql`update reminders set fired_at = now() where task_id = ${task.id}
    and kind = 'upcoming'`;

  test("for everybody assigned: a day before, an hour before, at the time, and the morning after", async () => {
    const { ana, ben, project } = await makeTeam(app, "planned");
    const dueMs = noonIn(10);
    const task = await makeDue(ana, project, dueMs, { assignee_ids: [ana.id, ben.id] });
    const nobodys = await makeTask(ana, project, { title: "Nobody's", due_at: iso(dueMs) });
    expect(await of(ana, task)).toEqual(defaults(dueMs));
    expect(await of(ben, task)).toEqual(defaults(dueMs));
    expect(await of(ana, nobodys)).toEqual([]);
  });

  test("rescheduling moves them; a due time that is taken away takes them along", async () => {
    const { ana, project } = await makeTeam(app, "rescheduled");
    const task = await makeDue(ana, project, noonIn(10));
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    await update(ana, task, { due_at: iso(noonIn(12)) });
    expect(await of(ana, task)).toEqual(defaults(noonIn(12)));
    await update(ana, task, { due_at: null });
    expect(await of(ana, task)).toEqual([]);
    await update(ana, task, { due_at: iso(noonIn(11)) });
    expect(await of(ana, task)).toEqual(defaults(noonIn(11)));
  });

  test("what was told of a due time is not told of it again, should the task come back to it", async () => {
    const { ana, project } = await makeTeam(app, "back");
    const task = await makeDue(ana, project, noonIn(10));
    await of(ana, task);
    await fire(task);
    await update(ana, task, { due_at: iso(noonIn(12)) });
    expect(await of(ana, task)).toEqual(defaults(noonIn(12)));
    await update(ana, task, { due_at: iso(noonIn(10)) });
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)).slice(2));
  });

  test("reassigning moves them from one person to the other", async () => {
    const { ana, ben, project } = await makeTeam(app, "reassigned");
    const task = await makeDue(ana, project, noonIn(10));
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    await update(ana, task, { assignee_ids: [ben.id] });
    expect(await of(ana, task)).toEqual([]);
    expect(await of(ben, task)).toEqual(defaults(noonIn(10)));
  });

  test("tasks that are done, archived or deleted have none; opened again, they have them again", async () => {
    const { ana, project } = await makeTeam(app, "done");
    const task = await makeDue(ana, project, noonIn(10));
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    await update(ana, task, { status: "completed" });
    expect(await of(ana, task)).toEqual([]);
    await update(ana, task, { status: "review" });
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    await update(ana, task, { archived_at: iso(Date.now()) });
    expect(await of(ana, task)).toEqual([]);
    await update(ana, task, { archived_at: null });
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    expect(await of(ana, task)).toEqual([]);
  });

  test("a column that means done from now on silences its tasks, and the other way round", async () => {
    const { ana, project } = await makeTeam(app, "column");
    const task = await makeDue(ana, project, noonIn(10), { status: "review" });
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    const at = `/api/projects/${project.id}/columns`;
    const columns = ok(await ana.call<{ items: { id: string; status: string }[] }>("GET", at), 200).items;
    const review = columns.find(({ status }) => status === "review");
    ok(await ana.call("PATCH", `${at}/${review?.id}`, { done: true }), 200);
    expect(await of(ana, task)).toEqual([]);
    ok(await ana.call("PATCH", `${at}/${review?.id}`, { done: false }), 200);
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
  });

  test("those already past when they are set are dropped", async () => {
    const { ana, ben, project } = await makeTeam(app, "past");
    const now = Date.now();
    const soon = await makeDue(ana, project, now + 30 * minute);
    expect((await of(ana, soon)).map((one) => one.slice(0, -25))).toEqual(["due 0", "overdue 0"]);
    const long = await makeDue(ana, project, now - 3 * day);
    expect(await of(ana, long)).toEqual([]);
    // By then a day before was to come, when somebody else is assigned it is past.
    const task = await makeDue(ana, project, now + day + hour);
    expect((await of(ana, task)).length).toBe(4);
    await update(ana, task, { due_at: iso(now + 20 * hour) });
    expect((await of(ana, task)).map((one) => one.slice(0, -25))).toEqual(["upcoming 60", "due 0", "overdue 0"]);
    await update(ana, task, { assignee_ids: [ana.id, ben.id] });
    expect((await of(ben, task)).map((one) => one.slice(0, -25))).toEqual(["upcoming 60", "due 0", "overdue 0"]);
  });

  test("[H5] a date's come in the morning, in the zone of each", async () => {
    const { ana, ben, project } = await makeTeam(app, "all-day");
    ok(await ana.call("PATCH", "/api/me", { time_zone: "Asia/Kolkata" }), 200);
    ok(await ben.call("PATCH", "/api/me", { time_zone: "Pacific/Pago_Pago" }), 200);
    const midnight = noonIn(10) - 12 * hour;
    const task = await makeDue(ana, project, midnight, { all_day: true, assignee_ids: [ana.id, ben.id] });
    const mornings = (at: number) => [
      `upcoming 1440 ${iso(at - day)}`,
      `due 0 ${iso(at)}`,
      `overdue 0 ${iso(at + day)}`,
    ];
    expect(await of(ana, task)).toEqual(mornings(midnight + 9 * hour - 5.5 * hour));
    expect(await of(ben, task)).toEqual(mornings(midnight + 9 * hour + 11 * hour));
    await update(ana, task, { all_day: false });
    expect((await of(ana, task)).slice(0, 3)).toEqual(defaults(midnight).slice(0, 3));
  });

  test("a change of the time zone moves the mornings", async () => {
    const { ana, project } = await makeTeam(app, "zone");
    const dueMs = noonIn(10);
    const task = await makeDue(ana, project, dueMs);
    expect(await of(ana, task)).toEqual(defaults(dueMs));
    ok(await ana.call("PATCH", "/api/me", { time_zone: "Asia/Tokyo" }), 200);
    expect(await of(ana, task)).toEqual([...defaults(dueMs).slice(0, 3), `overdue 0 ${iso(dueMs + 12 * hour)}`]);
  });

  test("a change of the preferences plans all of a person's tasks anew, and nobody else's", async () => {
    const { ana, ben, project } = await makeTeam(app, "preferences");
    const dueMs = noonIn(10);
    const task = await makeDue(ana, project, dueMs, { assignee_ids: [ana.id, ben.id] });
    expect(await of(ana, task)).toEqual(defaults(dueMs));
    const reminders = { offsets_minutes: [30], overdue: false };
    ok(await ana.call("PUT", "/api/notifications/preferences", { reminders }), 200);
    expect(await of(ana, task)).toEqual([`upcoming 30 ${iso(dueMs - 30 * minute)}`]);
    expect(await of(ben, task)).toEqual(defaults(dueMs));
    const other = await makeDue(ana, project, dueMs);
    expect(await of(ana, other)).toEqual([`upcoming 30 ${iso(dueMs - 30 * minute)}`]);
  });

  test("whoever leaves the project is reminded of nothing there", async () => {
    const { ana, ben, project } = await makeTeam(app, "left");
    const task = await makeDue(ana, project, noonIn(10), { assignee_ids: [ana.id, ben.id] });
    ok(await ben.call("POST", `/api/tasks/${task.id}/reminders`, { offset_minutes: 5 }), 201);
    expect((await of(ben, task)).length).toBe(5);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    expect(await of(ben, task)).toEqual([]);
    expect(await of(ana, task)).toEqual(defaults(noonIn(10)));
    ok(await ana.call("POST", `/api/projects/${project.id}/members`, { user_id: ben.id, role: "member" }), 201);
    expect(ok(await ben.call<{ items: object[] }>("GET", `/api/tasks/${task.id}/reminders`), 200).items).toEqual([]);
  });
});
