import { afterEach, expect, test } from "bun:test";
import { metricTable } from "../../src/core/metrics.ts";
import { ConnectionMetrics } from "../../src/protocol/metrics.ts";
import { signUp } from "../support/accounts.ts";
import { describeRequests, type TestApp } from "../support/app.ts";
import { addMember, getSnapshot, makePerson, makeProject, makeTask, type Person } from "../support/people.ts";
import { type Scrape, scrape, scrapeUntil } from "../support/scrape.ts";
import { openWire, type Wire } from "../support/wire.ts";

const wires: Wire[] = [];
afterEach(() => {
  for (const wire of wires.splice(0)) wire.destroy();
});

async function connect(app: TestApp, person: Person): Promise<Wire> {
  const wire = await openWire(app.url, { token: person.token });
  wires.push(wire);
  await wire.take("connected");
  return wire;
}

/** What `happen` adds to metrics. */
async function added(app: TestApp, happen: () => Promise<unknown>): Promise<Scrape["value"]> {
  const before = await scrape(app.url);
  await happen();
  const after = await scrape(app.url);
  return (name, labels) => after.value(name, labels) - before.value(name, labels);
}

describeRequests("metrics", (app) => {
  test("are all there, in the format of Prometheus, named and described by its rules", async () => {
    const ana = await makePerson(app, "format");
    const wire = await connect(app, ana);
    await wire.ask("ping");
    const { families } = await scrape(app.url);
    expect([...families.keys()]).toEqual(metricTable.map(({ name }) => name));
    expect(families.size).toBeGreaterThan(30);
    for (const { name, labels = [] } of metricTable) {
      for (const { labels: given } of families.get(name)?.series ?? []) {
        expect(Object.keys(given).filter((label) => label !== "le")).toEqual([...labels]);
      }
    }
  });

  test("tell connections, people and projects, how long they were open and why they closed", async () => {
    const start = await scrapeUntil(app.url, (now) => now.value("taskwire_connections") === 0);
    const [ana, ben] = [await makePerson(app, "gauge-ana"), await makePerson(app, "gauge-ben")];
    const project = await makeProject(ana);
    const [first, second] = [await connect(app, ana), await connect(app, ana)];
    await connect(app, ben);
    for (const wire of [first, second]) await wire.ask("join_project", { project_id: project.id });
    const now = await scrape(app.url);
    expect(now.value("taskwire_connections")).toBe(3);
    expect(now.value("taskwire_people_connected")).toBe(2);
    expect(now.value("taskwire_projects_live")).toBe(1);
    expect(now.value("taskwire_project_connections", { project_id: project.id })).toBe(2);
    const opened = "taskwire_connections_opened_total";
    expect(now.value(opened) - start.value(opened)).toBe(3);

    first.close(1000);
    await first.closed;
    second.close(4999);
    await second.closed;
    const count = "taskwire_connection_duration_seconds_count";
    const later = await scrapeUntil(app.url, (scrape) => scrape.value(count) === start.value(count) + 2);
    const closed = "taskwire_connections_closed_total";
    expect(later.value(closed, { code: "1000" }) - start.value(closed, { code: "1000" })).toBe(1);
    expect(later.value(closed, { code: "other" }) - start.value(closed, { code: "other" })).toBe(1);
    expect(later.value("taskwire_connections")).toBe(1);
    expect(later.value("taskwire_projects_live")).toBe(0);
  });

  test("count frames, their errors and the time of each event; an event that is none has no series", async () => {
    const wire = await connect(app, await makePerson(app, "frames"));
    const more = await added(app, async () => {
      for (let i = 0; i < 3; i++) await wire.ask("ping");
      for (let i = 0; i < 5; i++) await wire.ask(`made_up_${i}`);
    });
    expect(more("taskwire_frames_received_total")).toBe(8);
    expect(more("taskwire_frames_sent_total", { kind: "answer" })).toBe(8);
    expect(more("taskwire_frame_duration_seconds_count", { event: "ping" })).toBe(3);
    expect(more("taskwire_frame_duration_seconds_count", { event: "unknown" })).toBe(5);
    expect(more("taskwire_frame_duration_seconds_count")).toBe(8);
    expect(more("taskwire_frame_duration_seconds_sum", { event: "ping" })).toBeGreaterThan(0);
    expect(more("taskwire_frame_errors_total", { code: "invalid" })).toBe(5);
  });

  test("follow a write: its batch, its publication and every copy of it", async () => {
    const [ana, ben] = [await makePerson(app, "write-ana"), await makePerson(app, "write-ben")];
    const project = await makeProject(ana);
    await addMember(ana, project, ben, "member");
    const task = await makeTask(ana, project);
    const [writer, reader] = [await connect(app, ana), await connect(app, ben)];
    for (const wire of [writer, reader]) await wire.ask("join_project", { project_id: project.id });
    // Presence is told a moment after the join; what comes later is the write's.
    for (const wire of [writer, reader]) {
      await wire.take(({ event, data }) => event === "user_presence" && data.user_id === ben.id);
    }
    const more = await added(app, async () => {
      await writer.ask("task_update", { task_id: task.id, changes: { title: "Measured" } });
      await reader.take("task_updated");
    });
    expect(more("taskwire_frames_published_total")).toBeGreaterThanOrEqual(1);
    expect(more("taskwire_frames_sent_total", { kind: "delivery" })).toBe(2);
    expect(more("taskwire_publish_lag_seconds_count")).toBe(1);
    expect(more("taskwire_lane_batch_size_count")).toBe(1);
    expect(more("taskwire_lane_batch_size_sum")).toBe(1);
    expect(more("taskwire_lane_batch_duration_seconds_sum")).toBeGreaterThan(0);
    expect(more("taskwire_frame_duration_seconds_count", { event: "task_update" })).toBe(1);
  });

  test("tell who came back, and what became of their positions", async () => {
    const ana = await makePerson(app, "resume");
    const project = await makeProject(ana);
    const { epoch, seq } = await getSnapshot(ana, project);
    for (let i = 0; i < 3; i++) await makeTask(ana, project);
    const project_id = project.id;
    const more = await added(app, async () => {
      const wire = await connect(app, ana);
      await wire.ask("join_project", { project_id });
      await wire.ask("join_project", { project_id, since: { epoch, seq } });
      await wire.ask("join_project", { project_id, since: { epoch: "another", seq } });
      const position = await wire.ask("register");
      const { user_room: since } = position.data as unknown as { user_room: { epoch: string; seq: number } };
      for (let i = 0; i < 2; i++)
        await wire.ask("resume_user", { since: { epoch: since.epoch, seq: Math.max(0, since.seq - 1) } });
    });
    expect(more("taskwire_joins_total", { kind: "fresh" })).toBe(1);
    expect(more("taskwire_joins_total", { kind: "unrecovered" })).toBe(1);
    expect(more("taskwire_joins_total", { kind: "recovered" })).toBe(3);
    expect(more("taskwire_events_replayed_total")).toBe(3 + 2);
    expect(more("taskwire_reconnects_total")).toBe(1);
  });

  test("name HTTP requests by the pattern of their route, never by their path", async () => {
    const ana = await makePerson(app, "http");
    const more = await added(app, async () => {
      for (let i = 0; i < 20; i++) await ana.call("GET", `/api/tasks/${Bun.randomUUIDv7()}`);
      for (let i = 0; i < 20; i++) await ana.call("GET", `/api/nothing/${Bun.randomUUIDv7()}`);
      await ana.call("POST", "/api/tasks/1");
      await fetch(`${app.url}/health/ready`);
    });
    const count = "taskwire_http_requests_total";
    expect(more(count, { method: "GET", route: "/api/tasks/:id", status: "404" })).toBe(20);
    expect(more(count, { method: "GET", route: "none", status: "404" })).toBe(20);
    expect(more(count, { method: "POST", route: "/api/tasks/:id", status: "405" })).toBe(1);
    expect(more(count, { method: "GET", route: "/health/ready", status: "200" })).toBe(1);
    expect(more("taskwire_http_request_duration_seconds_count", { route: "/api/tasks/:id" })).toBe(21);
    const routes = (await scrape(app.url)).families.get(count)?.series.map(({ labels }) => labels.route) ?? [];
    expect(routes.filter((route) => /[0-9a-f]{8}-/.test(route ?? ""))).toEqual([]);
  });

  test("give a series to the twenty busiest projects, however many there are", async () => {
    const ana = await makePerson(app, "many");
    const wire = await connect(app, ana);
    const busiest = await makeProject(ana, { name: "Busiest" });
    for (let i = 0; i < 23; i++) {
      await wire.ask("join_project", { project_id: (await makeProject(ana, { name: `P${i}` })).id });
    }
    for (const each of [wire, await connect(app, ana)]) await each.ask("join_project", { project_id: busiest.id });
    const now = await scrape(app.url);
    const series = now.families.get("taskwire_project_connections")?.series ?? [];
    expect(series).toHaveLength(21);
    expect(now.value("taskwire_project_connections", { project_id: busiest.id })).toBe(2);
    expect(now.value("taskwire_project_connections", { project_id: "other" })).toBe(4);
    expect(now.value("taskwire_project_connections")).toBe(25);
  });

  test("tell what runs, and that the event loop stood still", async () => {
    const start = await scrape(app.url);
    // For longer than a loaded machine makes it stand still besides.
    const late = { le: "1" };
    const delay = "taskwire_event_loop_delay_seconds";
    const slow = (now: Scrape): number => now.value(`${delay}_count`) - now.value(`${delay}_bucket`, late);
    Bun.sleepSync(1_200);
    const now = await scrapeUntil(app.url, (now) => slow(now) > slow(start));
    expect(slow(now) - slow(start)).toBe(1);
    expect(now.value("taskwire_build_info", { database: app.database.kind, bun: Bun.version })).toBe(1);
    expect(now.value("taskwire_database_up")).toBe(1);
    expect(now.value("process_resident_memory_bytes")).toBeGreaterThan(50e6);
    expect(now.value("process_cpu_seconds_total")).toBeGreaterThan(start.value("process_cpu_seconds_total"));
    expect(now.value("process_open_fds")).toBeGreaterThan(3);
    expect(Math.abs(now.value("process_start_time_seconds") - Date.now() / 1000)).toBeLessThan(600);
  });

  test("tell which connections of the database are held, and what waits for one", async () => {
    const held = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    const { sql } = app.database;
    const { max } = app.database.load();
    const begun = sql.begin(async (tx) => {
      await tx`select 1`;
      held.resolve();
      await free.promise;
    });
    await held.promise;
    const now = await scrape(app.url);
    expect(now.value("taskwire_database_connections", { state: "used" })).toBe(1);
    expect(now.value("taskwire_database_connections_max")).toBe(max);
    // Of the embedded database's one connection everybody else waits now; PostgreSQL has others.
    const others = Promise.all([sql`select 1`, sql`select 2`]);
    const waiting = (await scrape(app.url)).value("taskwire_database_waiting");
    expect(waiting).toBe(app.database.kind === "embedded" ? 2 : 0);
    free.resolve();
    await Promise.all([begun, others]);
    expect((await scrape(app.url)).value("taskwire_database_connections", { state: "used" })).toBe(0);
  });

  test("are answered to administrators as JSON: GET /api/metrics/connections", async () => {
    const ana = await makePerson(app, "administrator");
    const path = "/api/metrics/connections";
    expect((await ana.call("GET", path)).problem.code).toBe("forbidden");
    expect((await fetch(`${app.url}${path}`)).status).toBe(401);
    const { visitor } = await signUp(app.url); // the first account of a server is its administrator
    const read = async () => ConnectionMetrics.parse((await visitor.call("GET", path)).body);
    const project = await makeProject(ana);
    const before = await read();
    const wire = await connect(app, ana);
    await wire.ask("join_project", { project_id: project.id });
    const now = await read();
    expect(now).toMatchObject({ opened: before.opened + 1, total: before.total + 1 });
    expect(now.projects).toContainEqual({ project_id: project.id, connections: 1 });
    expect(now.joins.fresh - before.joins.fresh).toBe(1);
    wire.close();
    await wire.closed;
    const closed = "taskwire_connection_duration_seconds_count";
    await scrapeUntil(app.url, (scrape) => scrape.value(closed) > now.durations.count);
    const { durations } = await read();
    expect(durations.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(durations.count);
    expect(durations.mean_seconds).toBeGreaterThanOrEqual(0);
  });
});
