import { expect, test } from "bun:test";
import { createSharedReads } from "../../src/core/shared-reads.ts";
import { Snapshot } from "../../src/protocol/snapshot.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import { addMember, getEvents, getSnapshot, makePerson, makeProject, makeTask, ok } from "../support/people.ts";

describeApp("snapshots", (app) => {
  test("a snapshot fits the contract and holds what is there, archived tasks excepted", async () => {
    const [ana, ben] = [await makePerson(app, "snap-ana"), await makePerson(app, "snap-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "viewer");
    const tasks = [await makeTask(ana, project), await makeTask(ana, project, { title: 'q"\\\u0001\u2028' })];
    const archived = await makeTask(ana, project);
    ok(await ana.call("PATCH", `/api/tasks/${archived.id}`, { archived_at: "2026-01-01T00:00:00Z" }), 200);
    const snapshot = await getSnapshot(ben, project);
    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({ seq: 5, project: { ...project, role: "viewer" }, tasks, next_cursor: null });
    expect(snapshot.members.map(({ user_id, role }) => [user_id, role])).toEqual([
      [ana.id, "owner"],
      [ben.id, "viewer"],
    ]);
    const [room] = await app.database.sql`select epoch from rooms where id = ${project.id}`;
    expect(snapshot.epoch).toBe(room?.epoch);
  });

  test("comments and checklist items are counted by task, deleted comments and tasks without any left out", async () => {
    const ana = await makePerson(app, "count-ana");
    const project = await makeProject(ana);
    const [both, one] = [await makeTask(ana, project), await makeTask(ana, project)];
    await makeTask(ana, project);
    const written = async (task: Task, content: string) =>
      ok(await ana.call<{ id: string }>("POST", `/api/tasks/${task.id}/comments`, { content }), 201);
    for (const title of ["a", "b", "c"]) ok(await ana.call("POST", `/api/tasks/${both.id}/checklist`, { title }), 201);
    const list = ok(await ana.call<{ items: { id: string }[] }>("GET", `/api/tasks/${both.id}/checklist`), 200).items;
    ok(await ana.call("PATCH", `/api/checklist/${list[0]?.id}`, { done: true }), 200);
    await written(both, "first");
    const taken = await written(one, "taken back");
    await written(one, "stays");
    ok(await ana.call("DELETE", `/api/comments/${taken.id}`), 204);
    expect((await getSnapshot(ana, project)).counts).toEqual({
      [both.id]: { comments: 1, checklist_done: 1, checklist_total: 3 },
      [one.id]: { comments: 1, checklist_done: 0, checklist_total: 0 },
    });
  });

  test("while others write, each snapshot is the state at its seq: applying the events after it gives the last one", async () => {
    const ana = await makePerson(app, "consistent-ana");
    const project = await makeProject(ana);
    const tasks = await Promise.all(Array.from({ length: 10 }, () => makeTask(ana, project)));
    let writing = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; writing; i++) {
        const task = tasks[(writer * 3 + i) % tasks.length];
        ok(await ana.call("PATCH", `/api/tasks/${task?.id}`, { title: `${writer} ${i}` }), 200);
      }
    });
    const snapshots = [];
    for (let i = 0; i < 15; i++)
      snapshots.push(...(await Promise.all([getSnapshot(ana, project), getSnapshot(ana, project)])));
    writing = false;
    await Promise.all(writers);
    const last = await getSnapshot(ana, project);
    const events: { seq: number; task: Task }[] = [];
    for (let since = snapshots[0]?.seq ?? 0; since < last.seq; since = events.at(-1)?.seq ?? last.seq)
      for (const { seq, data } of await getEvents(ana, project, since)) events.push({ seq, task: data.task as Task });
    expect(new Set(snapshots.map(({ seq }) => seq)).size).toBeGreaterThan(3);
    for (const { seq, tasks } of snapshots) {
      const state = new Map(tasks.map((task) => [task.id, task]));
      for (const event of events) if (event.seq > seq) state.set(event.task.id, event.task);
      expect([...state.values()]).toEqual(last.tasks);
    }
  });

  test("more than 10,000 tasks come in pages at one seq, which with the events after it make the whole", async () => {
    const ana = await makePerson(app, "large-ana");
    const project = await makeProject(ana);
    await app.database.sql`
      insert into tasks (id, project_id, number, key, title, status, position, created_by)
      select gen_random_uuid(), ${project.id}, n, 'X-' || n, 'Task ' || n, 'todo', 'a' || (n % 10) || 'V', ${ana.id}
      from generate_series(1, 10050) n`;
    await app.database.sql`update projects set task_count = 10050 where id = ${project.id}`;
    const ends = await app.database.sql<{ id: string }[]>`(select id from tasks where project_id = ${project.id}
      order by position, id limit 1) union all (select id from tasks where project_id = ${project.id}
      order by position, id offset 10010 limit 1)`;
    for (const { id } of ends)
      await app.database.sql`
      insert into comments (id, task_id, author_id, content) values (${crypto.randomUUID()}, ${id}, ${ana.id}, 'x')`;
    const first = await getSnapshot(ana, project);
    expect([first.tasks.length, first.seq]).toEqual([10_000, 0]);
    const counts = { comments: 1, checklist_done: 0, checklist_total: 0 };
    expect(first.counts).toEqual(Object.fromEntries(ends.map(({ id }) => [id, counts])));
    const unseen = await app.database.sql`
      select id from tasks where project_id = ${project.id} order by position desc, id desc limit 1`;
    const moved = ok(
      await ana.call<Task>("POST", `/api/tasks/${unseen[0]?.id}/move`, { status: "todo", before: first.tasks[0]?.id }),
      200,
    );
    const path = `/api/projects/${project.id}/snapshot?cursor=${first.next_cursor}`;
    const second = ok(await ana.call<Snapshot>("GET", path), 200);
    expect([second.tasks.length, second.seq, second.next_cursor]).toEqual([49, 0, null]);
    expect(second.counts).toEqual({});
    const state = new Map([...first.tasks, ...second.tasks].map((task) => [task.id, task]));
    expect(state.size).toBe(10_049);
    for (const { data } of await getEvents(ana, project, first.seq)) state.set(moved.id, data.task as Task);
    const rows = await app.database.sql<{ id: string; position: string }[]>`
      select id, position from tasks where project_id = ${project.id}`;
    expect(new Map([...state].map(([id, task]) => [id, task.position]))).toEqual(
      new Map(rows.map(({ id, position }) => [id, position])),
    );
    await app.database.sql`update rooms set seq = 10, trimmed_seq = 5 where id = ${project.id}`;
    expect((await ana.call("GET", path)).problem.code).toBe("gone");
    await app.database.sql`update rooms set trimmed_seq = 0, epoch = 'restored' where id = ${project.id}`;
    expect((await ana.call("GET", path)).problem.code).toBe("gone");
    expect((await ana.call("GET", `/api/projects/${project.id}/snapshot?cursor=abc`)).problem.code).toBe("invalid");
  });

  test("a large answer is packed for whoever takes that, a small one and for others it is not", async () => {
    const ana = await makePerson(app, "packed-ana");
    const project = await makeProject(ana);
    const path = `/api/projects/${project.id}/snapshot`;
    const get = (encoding: string) =>
      fetch(`${app.url}${path}`, {
        headers: { authorization: `Bearer ${ana.token}`, "accept-encoding": encoding },
        decompress: false,
      });
    expect((await get("gzip")).headers.get("content-encoding")).toBeNull();
    for (let i = 0; i < 20; i++) await makeTask(ana, project, { title: "x", description: "y".repeat(500) });
    for (const encoding of ["", "br", "gzip;q=0", "identity, gzip; q=0.0"]) {
      const plain = await get(encoding);
      expect([encoding, plain.headers.get("content-encoding")]).toEqual([encoding, null]);
      expect(Snapshot.parse(await plain.json()).tasks.length).toBe(20);
    }
    const packed = await get("br, gzip;q=0.8");
    expect([packed.headers.get("content-encoding"), packed.headers.get("vary")]).toEqual(["gzip", "Accept-Encoding"]);
    const bytes = new Uint8Array(await packed.arrayBuffer());
    expect(bytes.length).toBeLessThan(4_000);
    expect(Snapshot.parse(JSON.parse(new TextDecoder().decode(Bun.gunzipSync(bytes)))).tasks.length).toBe(20);
  });

  test("many who ask at once each get their own role, and what they wrote before they asked", async () => {
    const [ana, ben] = [await makePerson(app, "storm-ana"), await makePerson(app, "storm-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "member");
    const asked = Array.from({ length: 30 }, async (_, i) => {
      const person = i % 2 ? ana : ben;
      const task = await makeTask(person, project);
      const snapshot = await getSnapshot(person, project);
      expect(snapshot.tasks.some(({ id }) => id === task.id)).toBe(true);
      expect(snapshot.project.role).toBe(i % 2 ? "owner" : "member");
    });
    await Promise.all(asked);
  });
});

test("shared reads: whoever asks while one runs shares the next, however the first ends", async () => {
  const share = createSharedReads<number>();
  const reads: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const read = () => new Promise<number>((resolve, reject) => reads.push({ resolve, reject }));
  const first = share("a", read);
  const [second, third] = [share("a", read), share("a", read)];
  const other = share("b", read);
  expect(reads.length).toBe(2);
  reads[0]?.reject(new Error("lost"));
  await expect(first).rejects.toThrow("lost");
  await Promise.resolve();
  expect(reads.length).toBe(3);
  const fourth = share("a", read);
  reads[2]?.resolve(2);
  reads[1]?.resolve(9);
  expect(await Promise.all([second, third, other])).toEqual([2, 2, 9]);
  await Promise.resolve();
  expect(reads.length).toBe(4);
  reads[3]?.resolve(4);
  expect(await fourth).toBe(4);
  const fifth = share("a", read);
  expect(reads.length).toBe(5);
  reads[4]?.resolve(5);
  expect(await fifth).toBe(5);
});
