import { expect, test } from "bun:test";
import { LoggedEvent } from "../../src/protocol/event.ts";
import { describeApp } from "../support/app.ts";
import { addMember, type Events, makePerson, makeProject, makeTask, ok } from "../support/people.ts";

describeApp("the log over HTTP", (app) => {
  test("[S3] an event is the frame that the sockets got: room, seq, time, actor, mutation and data", async () => {
    const ana = await makePerson(app, "log-ana");
    const project = await makeProject(ana);
    const key = 'a "key" \\ with ü';
    const task = await makeTask(ana, project, { title: "x", mutation_id: key });
    const { epoch, seq, items } = ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events`), 200);
    expect(items).toEqual([
      {
        event: "task_created",
        room: `project:${project.id}`,
        seq: 1,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        actor: { id: ana.id, name: "log-ana", kind: "user" },
        mutation_id: key,
        data: { task, task_id: task.id, created_by: ana.id },
      },
    ]);
    for (const item of items) LoggedEvent.parse(item);
    const [room] = await app.database.sql`select epoch from rooms where id = ${project.id}`;
    expect([epoch, seq]).toEqual([room?.epoch, 1]);
  });

  test("[S6] pages follow each other without a hole, oldest first, and end at the head", async () => {
    const ana = await makePerson(app, "pages-ana");
    const project = await makeProject(ana);
    for (let i = 0; i < 7; i++) await makeTask(ana, project);
    const seen: number[] = [];
    let since = 0;
    for (;;) {
      const page = ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events?since=${since}&limit=3`), 200);
      if (page.items.length === 0) {
        expect(page.seq).toBe(7);
        break;
      }
      expect(page.seq).toBe(page.items.at(-1)?.seq ?? 0);
      seen.push(...page.items.map((item) => item.seq));
      since = page.seq;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("a page ends before it is larger than a megabyte, and is never empty while there is more", async () => {
    const ana = await makePerson(app, "bytes-ana");
    const project = await makeProject(ana);
    const description = "x".repeat(50_000);
    for (let i = 0; i < 25; i++) await makeTask(ana, project, { title: "x", description });
    const page = ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events?limit=500`), 200);
    expect(page.items.length).toBe(20);
    const rest = ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events?since=20&limit=500`), 200);
    expect(rest.items.map(({ seq }) => seq)).toEqual([21, 22, 23, 24, 25]);
  });

  test("[H1] where history does not reach back the answer is 410, never a part", async () => {
    const ana = await makePerson(app, "trim-ana");
    const project = await makeProject(ana);
    for (let i = 0; i < 3; i++) await makeTask(ana, project);
    await app.database.sql`delete from events where room_id = ${project.id} and seq <= 2`;
    await app.database.sql`update rooms set trimmed_seq = 2 where id = ${project.id}`;
    const trimmed = await ana.call("GET", `/api/projects/${project.id}/events?since=1`);
    expect([trimmed.status, trimmed.problem.code]).toEqual([410, "gone"]);
    const page = ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events?since=2`), 200);
    expect(page.items.map(({ seq }) => seq)).toEqual([3]);
  });

  test("a wrong since or limit is invalid with its name", async () => {
    const ana = await makePerson(app, "bad-ana");
    const project = await makeProject(ana);
    for (const query of [
      "since=-1",
      "since=x",
      "since=99999999999999999999",
      "since=",
      "limit=0",
      "limit=501",
      "after=1",
    ]) {
      const { status } = await ana.call("GET", `/api/projects/${project.id}/events?${query}`);
      expect([query, status]).toEqual([query, 422]);
    }
    expect(ok(await ana.call<Events>("GET", `/api/projects/${project.id}/events?since=1000`), 200).items).toEqual([]);
  });

  test("[S10] the log is closed to whoever was removed, in the request after", async () => {
    const [ana, ben] = [await makePerson(app, "closed-ana"), await makePerson(app, "closed-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "viewer");
    ok(await ben.call("GET", `/api/projects/${project.id}/events`), 200);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    expect((await ben.call("GET", `/api/projects/${project.id}/events`)).status).toBe(404);
  });
});
