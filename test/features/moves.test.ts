import { expect, test } from "bun:test";
import { positionBetween } from "../../src/db/position.ts";
import { positionLengthMax } from "../../src/features/tasks/spread.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { type Events, getEvents, getSnapshot, makeTask, ok, type Person } from "../support/people.ts";
import { makeTeam, move } from "../support/team.ts";

const systemId = "00000000-0000-0000-0000-000000000000";

/** Puts the tasks into the gap as 15 drops each would have, were nobody to make room. Ends with positions of any length. */
async function crowd({ database }: TestApp, tasks: readonly Task[], low: Task, high: Task): Promise<number> {
  let [position, longest] = [high.position, 0];
  const placed = tasks.map(({ id }) => {
    for (let i = 0; i < 15; i++) position = positionBetween(low.position, position);
    longest = Math.max(longest, position.length);
    return { id, position };
  });
  await database.sql`update tasks t set position = x.position
    from json_to_recordset(${JSON.stringify(placed)}::text::json) as x(id uuid, position text) where t.id = x.id`;
  return longest;
}

/** Ids in order (H5), of tasks that are changed by one event after the other. */
function orders(before: readonly Task[], events: Events["items"]): string[][] {
  const now = new Map(before.map(({ id, position }) => [id, position]));
  return events.map(({ data }) => {
    const { id, position } = data.task as Task; // every event here carries a task
    now.set(id, position);
    return [...now]
      .sort(([a, x], [b, y]) => Buffer.compare(Buffer.from(x), Buffer.from(y)) || (a < b ? -1 : 1))
      .map(([each]) => each);
  });
}

const make = (person: Person, project: Parameters<typeof makeTask>[1], count: number): Promise<Task[]> =>
  Promise.all(Array.from({ length: count }, () => makeTask(person, project)));

describeApp("many moves", (app) => {
  test("where positions have become long, a move makes room first: for others nothing changes its place", async () => {
    const { ana, ben, project } = await makeTeam(app, "room");
    const [first, last] = [await makeTask(ana, project), await makeTask(ana, project)];
    const crowded = await make(ben, project, 40);
    expect(await crowd(app, crowded, first, last)).toBeGreaterThan(100);
    const before = await getSnapshot(ana, project);
    const [, front] = before.tasks;
    if (!front) throw new Error("the project has tasks");
    const moved = await move(ana, last, { status: "todo", after: first.id, before: front.id });
    const events = await getEvents(ana, project, before.seq);
    const [own, ...others] = [...events].reverse();
    expect(own).toMatchObject({ event: "task_moved", actor: { id: ana.id }, data: { task: moved, moved_by: ana.id } });
    expect(others.length).toBeGreaterThan(20);
    for (const { event, actor, data } of others)
      expect([event, actor, data.moved_by]).toEqual(["task_moved", undefined, systemId]);
    const order = before.tasks.map(({ id }) => id);
    for (const [i, ids] of orders(before.tasks, events).entries()) if (i < others.length) expect(ids).toEqual(order);
    const after = await getSnapshot(ana, project);
    expect(after.tasks.map(({ id }) => id)).toEqual([first.id, last.id, ...order.slice(1, -1)]);
    expect(moved.position.length).toBeLessThan(positionLengthMax);
    const { version, updated_at } = front;
    expect(after.tasks.find(({ id }) => id === front.id)).toMatchObject({ version: version + 1, updated_at });
  });

  test("many who move into one gap again and again keep it short, and nobody's move is lost", async () => {
    const { ana, ben, project, seq } = await makeTeam(app, "gap");
    const [first, last] = [await makeTask(ana, project), await makeTask(ana, project)];
    const movers = await make(ben, project, 10);
    await crowd(app, movers, first, last);
    const people = [ana, ben];
    await Promise.all(
      movers.map(async (task, i) => {
        for (let n = 0; n < 40; n++) await move(people[i % 2] ?? ana, task, { status: "todo", after: first.id });
      }),
    );
    const mover = movers[0];
    if (!mover) throw new Error("ten were made");
    ok(await ana.call("POST", `/api/tasks/${mover.id}/move`, { status: "todo", after: first.id }), 200);
    const { tasks, seq: head } = await getSnapshot(ana, project);
    expect([tasks[0]?.id, tasks[1]?.id, tasks.at(-1)?.id]).toEqual([first.id, mover.id, last.id]);
    // Two at once may both take a position that is just short enough, and be a little longer than it.
    expect(Math.max(...tasks.map(({ position }) => position.length))).toBeLessThan(positionLengthMax + 10);
    expect(head - seq).toBeGreaterThan(12 + 300);
  });
});
