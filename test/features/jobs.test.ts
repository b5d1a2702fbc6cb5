/** Jobs as administrators see them: what failed for good, and trying it again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Job } from "../../src/protocol/jobs.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { databases } from "../support/db.ts";
import { hold } from "../support/hold.ts";
import { makeAdministrator, makeHolder } from "../support/keys.ts";
import { makePerson, ok, type Page, type Person } from "../support/people.ts";
import { type PushService, startPushService } from "../support/push.ts";

for (const { name, kind } of databases) {
  describe(`jobs of administrators on ${name}`, () => {
    let app: TestApp;
    let admin: Person;
    let service: PushService;
    beforeAll(async () => {
      app = await startApp({ kind });
      admin = await makeAdministrator(app);
      service = startPushService();
    });
    afterAll(async () => {
      await app?.stop();
      await service?.stop();
    });

    const list = async (query = ""): Promise<Page<Job>> =>
      ok(await admin.call<Page<Job>>("GET", `/api/jobs${query}`), 200);
    const act = (id: string, verb: "retry" | "cancel", key?: string) =>
      admin.call<Job>(
        "POST",
        `/api/jobs/${id}/${verb}`,
        undefined,
        key === undefined ? {} : { "idempotency-key": key },
      );
    /** Jobs of a kind that nobody runs, in the order of their ids. */
    const add = async (kindName: string, count: number, more: object = {}): Promise<string[]> => {
      const rows = Array.from({ length: count }, (_, n) => ({
        id: Bun.randomUUIDv7(),
        kind: kindName,
        key: `${n}`,
        payload: JSON.stringify({ n }),
        due_at: "2030-01-01T00:00:00.000Z",
        ...more,
      }));
      await app.database.sql`insert into jobs ${app.database.sql(rows)}`;
      return rows.map(({ id }) => id);
    };
    const dead = { dead_at: "2026-01-01T00:00:00.000Z", attempts: 20, last_error: "No" };

    test("[H2] they are listed by state and kind, in pages", async () => {
      const waiting = await add("list", 5);
      const failed = [
        ...(await add("list", 3, dead)),
        ...(await add("list", 2, { ...dead, dead_at: "2026-01-02T00:00:00Z" })),
      ];
      const claimed = {
        claimed_by: Bun.randomUUIDv7(),
        due_at: new Date(Date.now() + 60_000).toISOString(),
        attempts: 1,
        key: "x",
      };
      const [running] = await add("list", 1, claimed);
      const seen: string[] = [];
      let page = await list("?kind=list&limit=2");
      for (; page.next_cursor !== null; page = await list(`?kind=list&limit=2&cursor=${page.next_cursor}`))
        seen.push(...page.items.map(({ id }) => id));
      expect([...seen, ...page.items.map(({ id }) => id)]).toEqual(failed.toReversed());
      expect((await list("?kind=list&state=waiting&limit=200")).items.map(({ id }) => id)).toEqual(waiting);
      const first = await list("?kind=list&state=waiting&limit=3");
      const rest = await list(`?kind=list&state=waiting&limit=3&cursor=${first.next_cursor}`);
      expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(waiting);
      expect((await list("?kind=list&state=running")).items.map(({ id }) => id)).toEqual([running ?? ""]);
      expect((await list("?kind=list&limit=1")).items[0]).toEqual({
        id: failed.at(-1) ?? "",
        kind: "list",
        key: "1",
        state: "dead",
        payload: { n: 1 },
        attempts: 20,
        due_at: "2030-01-01T00:00:00.000Z",
        last_error: "No",
        created_at: expect.any(String),
        dead_at: "2026-01-02T00:00:00.000Z",
      });
      for (const query of ["?state=gone", "?kind=No!", "?cursor=W10", `?state=waiting&cursor=${first.next_cursor}x`])
        expect([query, (await admin.call("GET", `/api/jobs${query}`)).problem.code]).toEqual([query, "invalid"]);
    });

    test("what failed for good is done when it is tried again", async () => {
      const person = await makePerson(app, `jobs-${kind}`);
      const browser = service.makeBrowser();
      ok(await person.call("POST", "/api/push-subscriptions", browser.subscription), 201);
      browser.status = 403;
      const body = { user_id: person.id, type: "note", message: "Hello" };
      ok(await admin.call("POST", "/api/notifications/send", body), 200);
      await browser.attempted(1);
      let [job] = (await list("?kind=push")).items;
      for (; !job; [job] = (await list("?kind=push")).items);
      expect(job).toMatchObject({ state: "dead", attempts: 1, last_error: "the push service answered 403" });
      browser.status = 201;
      const again = await Promise.all(Array.from({ length: 4 }, () => act(job.id, "retry", "again")));
      const answers = again.map((reply) => ok(reply, 200));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ id: job.id, state: "waiting", attempts: 0, dead_at: null });
      expect((await browser.received(1))[0]?.payload.body).toBe("Hello");
      while ((await act(job.id, "retry")).status !== 404);
      expect((await list("?kind=push")).items).toEqual([]);
    });

    test("one that waits is made due; one that runs, or has a twin, is not", async () => {
      const [waiting = ""] = await add("retry", 1);
      expect(ok(await act(waiting, "retry"), 200).due_at < new Date(Date.now() + 1_000).toISOString()).toBe(true);
      const [twin = ""] = await add("retry", 1, dead);
      expect((await act(twin, "retry")).problem.code).toBe("conflict");
      const claimed = {
        claimed_by: Bun.randomUUIDv7(),
        due_at: new Date(Date.now() + 60_000).toISOString(),
        key: "running",
      };
      const [running = ""] = await add("retry", 1, claimed);
      expect((await act(running, "retry")).problem.code).toBe("conflict");
    });

    test("a job that is cancelled is gone, whatever its state", async () => {
      const ids = [...(await add("cancel", 1)), ...(await add("cancel", 1, dead))];
      for (const id of ids) {
        expect((await act(id, "cancel", `cancel ${id}`)).status).toBe(204);
        expect((await act(id, "cancel", `cancel ${id}`)).status).toBe(204);
        expect((await act(id, "cancel")).problem.code).toBe("not_found");
      }
      expect((await list("?kind=cancel")).items).toEqual([]);
    });

    test("[H4] a retry that comes while the first is at work is answered as the first is", async () => {
      const [tried = "", cancelled = ""] = [...(await add("meet", 1)), ...(await add("meet", 1, { key: "x" }))];
      // As if it were taken by a loop between the first and its retry.
      await app.database.sql.unsafe(`
        create function take() returns trigger language plpgsql as $$ begin
          new.claimed_by := gen_random_uuid(); new.due_at := now() + interval '1 minute'; return new; end $$;
        create trigger take before update on jobs for each row when (new.kind = 'meet') execute function take()`);
      for (const [id, verb, status] of [
        [tried, "retry", 200],
        [cancelled, "cancel", 204],
      ] as const) {
        const { released } = kind === "postgres" ? await hold(app, "jobs", id, 2) : { released: undefined };
        const twins = [1, 2].map(() => act(id, verb, `meet ${verb}`));
        await released;
        const [first, second] = await Promise.all(twins);
        expect([first?.status, second?.status, second?.text]).toEqual([status, status, first?.text]);
      }
    });

    test("only administrators see and touch them", async () => {
      const [id = ""] = await add("rights", 1);
      const person = await makePerson(app, `jobs-eve-${kind}`);
      const { robot } = await makeHolder(app, admin, { scopes: ["read"] });
      for (const [method, path] of [
        ["GET", "/api/jobs"],
        ["POST", `/api/jobs/${id}/retry`],
        ["POST", `/api/jobs/${id}/cancel`],
      ] as const) {
        expect((await person.call(method, path)).problem.code).toBe("forbidden");
        expect((await robot.call(method, path)).status).toBe(method === "GET" ? 200 : 403);
      }
    });
  });
}
