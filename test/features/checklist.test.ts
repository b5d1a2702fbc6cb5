import { expect, test } from "bun:test";
import type { ChecklistItem } from "../../src/protocol/checklist.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { listen } from "../support/listener.ts";
import { addMember, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeTeam } from "../support/team.ts";

const listPath = (task: Task): string => `/api/tasks/${task.id}/checklist`;
const itemPath = (item: Pick<ChecklistItem, "id">): string => `/api/checklist/${item.id}`;
const add = async (person: Person, task: Task, title: string): Promise<ChecklistItem> =>
  ok(await person.call<ChecklistItem>("POST", listPath(task), { title }), 201);
const change = async (person: Person, item: ChecklistItem, body: object): Promise<ChecklistItem> =>
  ok(await person.call<ChecklistItem>("PATCH", itemPath(item), body), 200);
const read = async (person: Person, task: Task): Promise<readonly ChecklistItem[]> =>
  ok(await person.call<Page<ChecklistItem>>("GET", `${listPath(task)}?limit=200`), 200).items;
const readTask = async (person: Person, task: Task): Promise<Task> =>
  ok(await person.call<Task>("GET", `/api/tasks/${task.id}`), 200);
const titles = async (person: Person, task: Task): Promise<string> =>
  (await read(person, task)).map(({ title }) => title).join("");

/** A task with a checklist of items named `a`, `b`, `c` … */
async function makeList(app: TestApp, name: string, count: number) {
  const team = await makeTeam(app, name);
  const task = await makeTask(team.ana, team.project);
  const items: ChecklistItem[] = [];
  for (let i = 0; i < count; i++) items.push(await add(team.ana, task, String.fromCharCode(97 + i)));
  const at = (i: number): ChecklistItem => {
    const item = items[i];
    if (!item) throw new Error(`there is no item ${i}`);
    return item;
  };
  return { ...team, task, at };
}

describeApp("checklists", (app) => {
  test("[H2] items are answered whole; every change is an update of the task, with the whole list", async () => {
    const { ana, ben, project, task } = await makeList(app, "write", 0);
    const listener = await listen(app, ana, project);
    const reply = await ben.call<ChecklistItem>("POST", listPath(task), { title: '  Buy "milk" \\ ü \u{1F95B} ' });
    const milk = ok(reply, 201);
    expect(reply.headers.get("location")).toBe(listPath(task));
    expect(milk).toEqual({
      id: expect.any(String),
      task_id: task.id,
      title: 'Buy "milk" \\ ü \u{1F95B}',
      done: false,
      position: expect.any(String),
      created_by: ben.id,
      created_at: expect.any(String),
      completed_at: null,
    });
    const told = [await readTask(ana, task)];
    const bread = await add(ana, task, "Bread");
    told.push(await readTask(ana, task));
    const done = await change(ben, milk, { done: true });
    expect(done).toEqual({ ...milk, done: true, completed_at: expect.any(String) });
    told.push(await readTask(ana, task));
    const renamed = await change(ben, milk, { title: "Oat milk" });
    expect(renamed).toEqual({ ...done, title: "Oat milk" });
    const open = await change(ben, milk, { done: false, title: "Milk" });
    expect(open).toEqual({ ...milk, title: "Milk" });
    told.push(await readTask(ana, task));
    ok(await ben.call("DELETE", itemPath(bread)), 204);
    told.push(await readTask(ana, task));
    expect(told.map(({ version }) => version)).toEqual([2, 3, 4, 6, 7]);
    const update = (of: Task | undefined, by: Person, checklist: ChecklistItem[]) => ({
      event: "task_updated",
      data: { task: of, task_id: task.id, changes: { checklist }, updated_by: by.id },
    });
    expect(await listener.heard()).toEqual([
      update(told[0], ben, [milk]),
      update(told[1], ana, [milk, bread]),
      update(told[2], ben, [done, bread]),
      update({ ...task, version: 5, updated_at: expect.any(String) }, ben, [renamed, bread]),
      update(told[3], ben, [open, bread]),
      update(told[4], ben, [open]),
    ]);
    expect(await read(ana, task)).toEqual([open]);
    listener.close();
  });

  test("[H4] an item made with an id of the client's is answered again, with other content it is a conflict", async () => {
    const { ana, ben, task, project } = await makeList(app, "ids", 1);
    const id = crypto.randomUUID();
    const first = ok(await ana.call<ChecklistItem>("POST", listPath(task), { id, title: "Milk" }), 201);
    expect(first.id).toBe(id);
    expect(ok(await ana.call("POST", listPath(task), { id, title: "Milk" }), 201)).toEqual(first);
    for (const [person, title] of [
      [ana, "Bread"],
      [ben, "Milk"],
    ] as const)
      expect((await person.call("POST", listPath(task), { id, title })).problem.code).toBe("conflict");
    const other = await makeTask(ana, project);
    expect((await ana.call("POST", listPath(other), { id, title: "Milk" })).problem.code).toBe("conflict");
    expect(await read(ana, other)).toEqual([]);
    expect(await titles(ana, task)).toBe("aMilk");
  });

  test("[S12] what changes nothing is no event", async () => {
    const { ana, project, task, at } = await makeList(app, "nothing", 3);
    const before = await readTask(ana, task);
    const listener = await listen(app, ana, project);
    for (const body of [
      {},
      { title: "b" },
      { done: false },
      { after: at(0).id },
      { before: at(2).id },
      { after: at(0).id, before: at(2).id, title: " b ", done: false },
    ])
      expect(await change(ana, at(1), body)).toEqual(at(1));
    expect(await readTask(ana, task)).toEqual(before);
    expect(await listener.heard()).toEqual([]);
    listener.close();
  });

  test("[H5] an item moves behind one, in front of one, or between two", async () => {
    const { ana, task, at } = await makeList(app, "move", 5);
    const moves = [
      [0, { after: at(2).id }, "bcade"],
      [4, { before: at(1).id }, "ebcad"],
      [1, { after: at(3).id }, "ecadb"],
      [3, { after: at(2).id, before: at(0).id }, "ecdab"],
      // Where the two are not neighbours any more, `after` counts.
      [0, { after: at(4).id, before: at(1).id }, "eacdb"],
      [1, { before: at(4).id, done: true }, "beacd"],
    ] as const;
    for (const [item, body, order] of moves) {
      await change(ana, at(item), body);
      expect(await titles(ana, task)).toBe(order);
    }
    expect((await read(ana, task))[0]?.done).toBe(true);
    await add(ana, task, "z");
    expect(await titles(ana, task)).toBe("beacdz");
  });

  test("[H5] a thousand moves into one gap keep their order, and positions short", async () => {
    const { ana, task, at } = await makeList(app, "gap", 4);
    let order = "abcd";
    for (let i = 0; i < 1_000; i++) {
      const mover = i % 2 ? at(1) : at(2);
      await change(ana, mover, { after: at(0).id });
      const rest = order.slice(1).replace(mover.title, "");
      order = `a${mover.title}${rest}`;
    }
    const list = await read(ana, task);
    expect(list.map(({ title }) => title).join("")).toBe(order);
    expect(Math.max(...list.map(({ position }) => position.length))).toBeLessThanOrEqual(100);
  });

  test("a place is an item of the same list, and not the item itself", async () => {
    const { ana, project, at } = await makeList(app, "place", 2);
    const elsewhere = await add(ana, await makeTask(ana, project), "x");
    for (const [body, path] of [
      [{ after: at(0).id }, "after"],
      [{ before: at(0).id }, "before"],
      [{ before: elsewhere.id }, "before"],
      [{ after: Bun.randomUUIDv7() }, "after"],
      [{ after: "x" }, "after"],
      [{ position: "a" }, "position"],
      [{ title: " " }, "title"],
      [{ title: "x".repeat(501) }, "title"],
      [{ done: null }, "done"],
    ] as const) {
      const { status, problem } = await ana.call("PATCH", itemPath(at(0)), body);
      expect([body, status, problem.errors?.[0]?.path]).toEqual([body, 422, path]);
    }
    expect((await ana.call("POST", listPath(await makeTask(ana, project)), {})).status).toBe(422);
  });

  test("[H2] the list is read in pages, whose cursors stay good while it changes", async () => {
    const { ana, task, at } = await makeList(app, "pages", 5);
    const page = (cursor: string | null) =>
      ana.call<Page<ChecklistItem>>("GET", `${listPath(task)}?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`);
    const first = ok(await page(null), 200);
    ok(await ana.call("DELETE", itemPath(at(1))), 204);
    await change(ana, at(0), { before: at(4).id });
    const second = ok(await page(first.next_cursor), 200);
    const third = ok(await page(second.next_cursor), 200);
    const pages = [first, second, third].map(({ items }) => items.map(({ title }) => title).join(""));
    expect([...pages, third.next_cursor]).toEqual(["ab", "cd", "ae", null]);
    expect((await ana.call("GET", `${listPath(task)}?cursor=W10`)).problem.errors?.[0]?.path).toBe("cursor");
  });

  test("items added at the same moment are all there, and each list told holds what came before", async () => {
    const { ana, ben, project, task } = await makeList(app, "together", 0);
    const listener = await listen(app, ana, project);
    const made = await Promise.all(Array.from({ length: 10 }, (_, i) => add(i % 2 ? ana : ben, task, `${i}`)));
    const list = await read(ana, task);
    expect(list.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    const told = (await listener.heard()).map(({ data }) => data.changes);
    expect(told).toEqual(list.map((_, i) => ({ checklist: list.slice(0, i + 1) })));
    listener.close();
  });

  test("a list takes 200 items", async () => {
    const { ana, task } = await makeList(app, "full", 0);
    await app.database.sql`insert into checklist_items (id, task_id, title, position, created_by)
      select gen_random_uuid(), ${task.id}, 'x', 'a' || (n / 10) || 'V' || (n % 10 + 1), ${ana.id}
      from generate_series(0, 98) n`;
    await app.database.sql`insert into checklist_items (id, task_id, title, position, created_by)
      select gen_random_uuid(), ${task.id}, 'x', 'b' || n, ${ana.id} from generate_series(10, 109) n`;
    const last = await add(ana, task, "last");
    const full = await ana.call("POST", listPath(task), { title: "one too many" });
    expect([full.status, full.problem.code]).toEqual([409, "conflict"]);
    ok(await ana.call("DELETE", itemPath(last)), 204);
    await add(ana, task, "last");
    expect((await read(ana, task)).length).toBe(200);
  });

  test("[H4] a retry is answered as the first was, though the item is another or gone", async () => {
    const { ana, project, task, at } = await makeList(app, "retry", 2);
    const create = { title: "Once", mutation_id: "checklist-create" };
    const made = ok(await ana.call<ChecklistItem>("POST", listPath(task), create), 201);
    const update = { done: true, before: at(0).id, mutation_id: "checklist-update" };
    const updated = ok(await ana.call<ChecklistItem>("PATCH", itemPath(made), update), 200);
    const remove = () => ana.call("DELETE", itemPath(made), undefined, { "idempotency-key": "checklist-delete" });
    const again = async () => {
      expect(ok(await ana.call<ChecklistItem>("POST", listPath(task), create), 201)).toEqual(made);
      expect(ok(await ana.call<ChecklistItem>("PATCH", itemPath(made), update), 200)).toEqual(updated);
    };
    await again();
    ok(await remove(), 204);
    const listener = await listen(app, ana, project);
    await again();
    ok(await remove(), 204);
    expect((await ana.call("DELETE", itemPath(made))).status).toBe(404);
    for (const reply of [
      await ana.call("POST", listPath(task), { ...create, title: "Twice" }),
      await ana.call("PATCH", itemPath(made), { ...update, done: false }),
      await ana.call("PATCH", itemPath(at(0)), update),
    ])
      expect(reply.problem.code).toBe("idempotency_mismatch");
    expect(await listener.heard()).toEqual([]);
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    await again();
    ok(await remove(), 204);
    listener.close();
  });

  test("viewers read a checklist and change nothing; strangers hear the same of an item and of nothing", async () => {
    const { ana, project, task, at } = await makeList(app, "roles", 1);
    const [vera, eve] = [await makePerson(app, "list-vera"), await makePerson(app, "list-eve")];
    await addMember(ana, project, vera, "viewer");
    expect(await read(vera, task)).toEqual([at(0)]);
    const writes = (item: string, list: string) =>
      [
        ["POST", list, { title: "x" }],
        ["PATCH", item, { done: true }],
        ["DELETE", item, undefined],
      ] as const;
    for (const [method, path, body] of writes(itemPath(at(0)), listPath(task)))
      expect((await vera.call(method, path, body)).problem.code).toBe("forbidden");
    const nowhere = { id: Bun.randomUUIDv7() };
    const nothing = writes(itemPath(nowhere), listPath({ ...task, ...nowhere }));
    for (const [i, [method, path, body]] of writes(itemPath(at(0)), listPath(task)).entries()) {
      const there = (await eve.call(method, path, body)).problem;
      const absent = (await eve.call(method, nothing[i]?.[1] ?? "", body)).problem;
      expect({ ...there, request_id: "" }).toEqual({ ...absent, request_id: "" });
      expect(there.code).toBe("not_found");
    }
    expect((await eve.call("GET", listPath(task))).status).toBe(404);
  });
});
