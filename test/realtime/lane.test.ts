import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Actor, CommittedEvent } from "../../src/db/context.ts";
import { endPosition, endPositionSql } from "../../src/db/position.ts";
import { createLane, type LaneCommand } from "../../src/realtime/lane.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { createRandom } from "../support/random.ts";
import { createModel, digest, type ModelRoom, type ModelTask, poison } from "./lane-model.ts";

const seeds = Number(process.env.FAULT_ROUNDS ?? 5);
const statuses = ["todo", "doing", "done"];
const tasksARoom = 60;

interface World {
  readonly rooms: Map<string, ModelRoom>;
  readonly tasks: Map<string, ModelTask>;
  readonly people: Actor[];
}

async function makeWorld(db: TestDatabase): Promise<World> {
  const { sql } = db.database;
  const people = ["Ana", "Bo", "Cy"].map(
    (name): Actor => ({
      id: Bun.randomUUIDv7(),
      name,
      kind: "user",
      role: "user",
      email: null,
      avatarUrl: null,
      timeZone: "UTC",
      locale: "en",
      sessionId: null,
    }),
  );
  const rooms = new Map<string, ModelRoom>();
  const tasks = new Map<string, ModelTask>();
  for (let r = 0; r < 4; r++) {
    const projectId = Bun.randomUUIDv7();
    const owner = people[0]?.id ?? "";
    await sql`insert into projects (id, key, name, created_by, task_count)
      values (${projectId}, ${`P${projectId}`}, 'P', ${owner}, ${tasksARoom})`;
    await sql`insert into rooms (id, kind, epoch) values (${projectId}, 'project', 'e')`;
    rooms.set(projectId, { seq: 0, number: tasksARoom, revision: 1 });
    for (let t = 1; t <= tasksARoom; t++) {
      const id = Bun.randomUUIDv7();
      await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by)
        values (${id}, ${projectId}, ${t}, ${`P-${t}`}, 'Task', 'todo', 'a', ${owner})`;
      tasks.set(id, {
        id,
        projectId,
        title: "Task",
        status: "todo",
        position: "a",
        assigneeIds: [],
        estimate: null,
        version: 1,
        completed: false,
      });
    }
  }
  return { rooms, tasks, people };
}

const newTask = { description: "", priority: "none", label_ids: [], all_day: false };

/** A mix of everything: new tasks, fitting and stale versions, no-ops, retries, foreign tasks, values the database refuses. */
function makeCommands(seed: number, world: World, count: number): LaneCommand[] {
  const random = createRandom(seed);
  const tasks: Pick<ModelTask, "id" | "projectId">[] = [...world.tasks.values()].filter((_, i) => i % tasksARoom < 6);
  const comments = new Map<string, string[]>();
  const commands: LaneCommand[] = [];
  for (let i = 0; i < count; i++) {
    const before = commands.at(-1 - random.int(20));
    if (before?.mutation && random.chance(0.15)) {
      commands.push(before);
      continue;
    }
    const task = random.pick(tasks);
    const lost = random.chance(0.03);
    const base = {
      projectId: random.chance(0.02) ? random.pick([...world.rooms.keys()]) : task.projectId,
      revision: random.chance(0.04) ? 0 : 1,
      taskId: lost ? Bun.randomUUIDv7() : task.id,
      actor: random.pick(world.people),
      mutation: random.chance(0.5) ? { id: `m${seed}-${i}`, hash: BigInt(i) } : undefined,
    };
    if (random.chance(0.2)) {
      // An id is taken again within its room only: the order of different rooms is free, so the outcome would be too.
      const known = comments.get(base.projectId) ?? [];
      const id = known.length > 0 && random.chance(0.1) ? random.pick(known) : Bun.randomUUIDv7();
      comments.set(base.projectId, [...known, id]);
      const content = random.chance(0.05) ? poison : `comment ${i} "quoted" \\ ✓`;
      commands.push({ ...base, comment: { id, content } });
      continue;
    }
    const status = random.pick(statuses);
    if (random.chance(0.1)) {
      // The same of tasks: now and then one that is there, of the room that is written to.
      const taken = random.chance(0.2) ? tasks.findLast(({ projectId }) => projectId === base.projectId) : undefined;
      const taskId = taken?.id ?? Bun.randomUUIDv7();
      tasks.push({ id: taskId, projectId: base.projectId });
      const title = random.chance(0.1) ? poison : `Task ${i} "quoted" \\ ✓`;
      const set = { ...newTask, title, status, assignee_ids: [world.people[0]?.id], estimate: random.pick([null, 3]) };
      commands.push({ ...base, taskId, create: { tail: "Az" }, set, done: status === "done" });
      continue;
    }
    const set = {
      ...(random.chance(0.6) && { status }),
      ...(random.chance(0.3) && { title: random.chance(0.1) ? poison : `Title ${random.int(4)}` }),
      ...(random.chance(0.3) && { position: `p${random.int(5)}` }),
      ...(random.chance(0.2) && {
        assignee_ids: world.people
          .map((person) => person.id)
          .filter(() => random.chance(0.5))
          .sort(),
      }),
      ...(random.chance(0.2) && { estimate: random.pick([null, 1, 2.5]) }),
    };
    const version = random.chance(0.2) ? 1 + random.int(30) : undefined;
    commands.push({ ...base, set, done: status === "done", version });
  }
  return commands;
}

for (const { name, open } of databases) {
  describe(`the lane on ${name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    const outcomes = new Set<string>();

    for (let seed = 1; seed <= seeds; seed++) {
      test(`amounts to one command after the other (seed ${seed})`, async () => {
        const world = await makeWorld(db);
        const commands = makeCommands(seed, world, 400);
        const told: CommittedEvent[] = [];
        const lane = createLane({
          database: db.database,
          committed: (events) => told.push(...events),
          maxBatch: [32, 1, 5][seed % 3] ?? 32,
        });
        const answers = await Promise.all(
          commands.map((command) =>
            lane.submit(command).then(
              (r) => r.outcome,
              () => "error" as const,
            ),
          ),
        );

        const model = createModel(world.rooms, world.tasks);
        const expected = commands.map((command) => model.apply(command));
        expect(answers).toEqual(expected);
        for (const outcome of expected) outcomes.add(outcome);

        const rows = await db.database.sql<
          { room: string; seq: number; event: string; mutation: string | null; actor: string; data: string }[]
        >`select room_id as room, seq, event, mutation_id as mutation, actor_id as actor, data from events
          where room_id in ${db.database.sql([...world.rooms.keys()])} order by room_id, seq`;
        const byRoom = model.events.toSorted((a, b) => (a.room < b.room ? -1 : a.room > b.room ? 1 : a.seq - b.seq));
        expect(
          rows.map((row) => ({
            room: row.room,
            seq: Number(row.seq),
            event: row.event,
            mutationId: row.mutation,
            actorId: row.actor,
            data: digest(row.event, row.data),
          })),
        ).toEqual(byRoom);
        expect(told.length).toBe(rows.length);
        for (const event of told) {
          const row = rows.find((r) => r.room === event.roomId && Number(r.seq) === event.seq);
          expect(row?.data).toBe(event.data);
        }

        const tasks = await db.database.sql<
          {
            id: string;
            title: string;
            status: string;
            position: string;
            people: string[];
            estimate: number | null;
            version: number;
            completed: boolean;
          }[]
        >`select id, title, status, position, assignee_ids as people, estimate, version, completed_at is not null as completed
          from tasks where project_id in ${db.database.sql([...world.rooms.keys()])}`;
        for (const task of tasks) {
          const want = world.tasks.get(task.id);
          expect({ ...task, people: [...task.people].sort() }).toEqual({
            id: task.id,
            title: want?.title ?? "",
            status: want?.status ?? "",
            position: want?.position ?? "",
            people: want?.assigneeIds ?? [],
            estimate: want?.estimate ?? null,
            version: want?.version ?? 0,
            completed: want?.completed ?? false,
          });
        }
        const heads = await db.database.sql<{ id: string; seq: number }[]>`
          select id, seq from rooms where id in ${db.database.sql([...world.rooms.keys()])}`;
        for (const head of heads) expect(Number(head.seq)).toBe(world.rooms.get(head.id)?.seq ?? -1);
      });
    }

    test("the database spells positions of numbers as `endPosition` does", async () => {
      const numbers = [0, 1, 61, 62, 3_843, 3_844, 238_327, 238_328, 14_776_336, 916_132_831, 916_132_832, 2 ** 31 - 1];
      const rows = await db.database.sql.unsafe<{ position: string }[]>(
        `select ${endPositionSql("n", "'!!'")} as position from unnest(array[${numbers}]::int[]) with ordinality x(n, i) order by i`,
      );
      const spelled = numbers.map((number) => endPosition(number).replace(/..$/, "!!"));
      expect(rows.map(({ position }) => position)).toEqual(spelled);
    });

    test("was asked for everything that can come of a command", () => {
      expect([...outcomes].sort()).toEqual(["applied", "done", "error", "refused", "stale", "taken", "unchanged"]);
    });
  });
}
