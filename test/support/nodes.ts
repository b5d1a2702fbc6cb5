/** Nodes without sockets: the live half on a real database, with everything it publishes written down. */
import type { Log } from "../../src/core/log.ts";
import { createMeter } from "../../src/core/meter.ts";
import type { Actor } from "../../src/db/context.ts";
import type { Database } from "../../src/db/open.ts";
import { projectRoom, type RoomName } from "../../src/protocol/rooms.ts";
import type { Broker } from "../../src/realtime/broker/broker.ts";
import type { LaneCommand, LaneResult } from "../../src/realtime/lane.ts";
import { createNode, type Node } from "../../src/realtime/node.ts";
import type { Connection } from "../../src/realtime/transport/transport.ts";
import { createMovableClock, type MovableClock } from "./clock.ts";

export const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Log;

export interface TestNode {
  readonly node: Node;
  readonly clock: MovableClock;
  /** Frames published so far, by room. */
  readonly published: Map<RoomName, string[]>;
  /** Settles once `count` frames were published to the room. */
  heard(room: RoomName, count: number): Promise<readonly string[]>;
  /** A listener that hears a room, without a socket behind it. */
  connect(actor: Actor): Connection;
}

export function makeNode(database: Database, broker: Broker): TestNode {
  const published = new Map<RoomName, string[]>();
  const waiting: { room: RoomName; count: number; resolve: (frames: readonly string[]) => void }[] = [];
  const clock = createMovableClock();
  const node = createNode({
    database,
    broker,
    clock,
    log: silent,
    meter: createMeter(),
    left: () => {},
    sessionEnded: () => {},
    publisher: {
      publish(room, frame) {
        const frames = published.get(room) ?? [];
        frames.push(frame);
        published.set(room, frames);
        for (const waiter of waiting) if (waiter.room === room && frames.length >= waiter.count) waiter.resolve(frames);
      },
    },
  });
  return {
    node,
    clock,
    published,
    heard(room, count) {
      const frames = published.get(room) ?? [];
      if (frames.length >= count) return Promise.resolve(frames);
      return new Promise((resolve) => waiting.push({ room, count, resolve }));
    },
    connect: (actor) => ({
      id: Bun.randomUUIDv7(),
      actor,
      rooms: [],
      isOpen: () => true,
      send() {},
      subscribe() {},
      unsubscribe() {},
      close() {},
    }),
  };
}

export const makeActor = (name: string): Actor => ({
  id: Bun.randomUUIDv7(),
  name,
  kind: "user",
  role: "user",
  email: null,
  avatarUrl: null,
  timeZone: "UTC",
  locale: "en",
  sessionId: null,
});

export interface TestProject {
  readonly id: string;
  readonly room: RoomName;
  readonly taskIds: readonly string[];
}

/** A project with its room, members and tasks, written straight into the tables (no events). */
export async function makeProject(
  database: Database,
  members: readonly Actor[],
  taskCount: number,
): Promise<TestProject> {
  const { sql } = database;
  const id = Bun.randomUUIDv7();
  const owner = members[0]?.id ?? Bun.randomUUIDv7();
  await sql`insert into projects (id, key, name, created_by) values (${id}, ${`P${id}`}, 'P', ${owner})`;
  await sql`insert into rooms (id, kind, epoch) values (${id}, 'project', 'e')`;
  for (const member of members) {
    await sql`insert into users (id, name, email) values (${member.id}, ${member.name}, ${`${member.id}@test.invalid`})
      on conflict (id) do nothing`;
    await sql`insert into rooms (id, kind, epoch) values (${member.id}, 'user', 'e') on conflict (id) do nothing`;
    await sql`insert into members (project_id, user_id, role) values (${id}, ${member.id}, 'member')`;
  }
  for (const [i, status] of ["todo", "doing", "done"].entries()) {
    await sql`insert into columns (id, project_id, status, name, position, done)
      values (${Bun.randomUUIDv7()}, ${id}, ${status}, ${status}, ${`a${i}`}, ${status === "done"})`;
  }
  const taskIds: string[] = [];
  for (let number = 1; number <= taskCount; number++) {
    const taskId = Bun.randomUUIDv7();
    await sql`insert into tasks (id, project_id, number, key, title, status, position, created_by)
      values (${taskId}, ${id}, ${number}, ${`P-${number}`}, 'Task', 'todo', 'a', ${owner})`;
    taskIds.push(taskId);
  }
  return { id, room: projectRoom(id), taskIds };
}

/** A write through a node's lane that always changes something. */
export function write(node: TestNode, project: TestProject, actor: Actor, title: string): Promise<LaneResult> {
  const taskId = project.taskIds[Math.floor(Math.random() * project.taskIds.length)] ?? "";
  const command: LaneCommand = {
    projectId: project.id,
    revision: 1,
    taskId,
    actor,
    mutation: undefined,
    set: { title },
  };
  return node.node.live.lane.submit(command);
}
