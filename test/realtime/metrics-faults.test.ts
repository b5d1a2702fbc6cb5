import { expect, test } from "bun:test";
import { startApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { databases } from "../support/db.ts";
import { makePerson, makeProject, makeTask, ok } from "../support/people.ts";
import { scrape, scrapeUntil } from "../support/scrape.ts";
import { startPostgres } from "../support/services.ts";
import { openWire } from "../support/wire.ts";

const onPostgres = test.if(databases.some(({ kind }) => kind === "postgres"));

onPostgres("a number that never came by itself is a gap, and its event was read from the log", async () => {
  // Its clock stands still: it looks for nothing by itself.
  const clock = createMovableClock(Date.now());
  const here = await startApp({ kind: "postgres", env: { BROKER: "memory" }, overrides: { clock } });
  const there = await startApp({ databaseUrl: here.databaseUrl, env: { BROKER: "memory" } }); // nobody wakes the other
  const [ana, elsewhere] = [await makePerson(here, "gaps"), await makePerson(there, "gaps")];
  const project = await makeProject(ana);
  const task = await makeTask(ana, project);
  const wire = await openWire(here.url, { token: ana.token });
  await wire.take("connected");
  await wire.ask("join_project", { project_id: project.id });
  const before = await scrape(here.url);
  ok(await elsewhere.call("PATCH", `/api/tasks/${task.id}`, { title: "unheard of" }), 200);
  ok(await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "shows the gap" }), 200);
  await wire.take("task_updated");
  await wire.take("task_updated");
  const after = await scrape(here.url);
  const more = (name: string): number => after.value(name) - before.value(name);
  expect([more("taskwire_gaps_total"), more("taskwire_log_events_read_total")]).toEqual([1, 2]);
  wire.destroy();
  await there.stop();
  await here.stop();
});

onPostgres("an outage of the database is seen, and that it is over", async () => {
  const cluster = await startPostgres();
  if (!cluster) throw new Error("PostgreSQL is not installed");
  const app = await startApp({ databaseUrl: await cluster.createDatabase() });
  expect((await scrape(app.url)).value("taskwire_database_up")).toBe(1);
  cluster.pause();
  const down = await scrapeUntil(app.url, (now) => now.value("taskwire_database_up") === 0);
  // What only the database knows is left out; all else is told.
  for (const name of ["taskwire_jobs", "taskwire_reminders_lag_seconds", "taskwire_redis_up"])
    expect([name, down.families.get(name)?.series]).toEqual([name, []]);
  cluster.resume();
  const up = await scrapeUntil(app.url, (now) => now.value("taskwire_database_up") === 1);
  expect(up.value("taskwire_jobs", { kind: "push" })).toBe(0);
  expect(up.families.get("taskwire_reminders_lag_seconds")?.series).toMatchObject([{ value: 0 }]);
  expect(up.families.get("taskwire_jobs")?.series.length).toBeGreaterThan(3);
  await app.stop();
  await cluster.stop();
});
