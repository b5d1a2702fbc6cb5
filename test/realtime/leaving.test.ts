import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Actor, CommittedEvent } from "../../src/db/context.ts";
import { projectRoom, type RoomName, roomId, userRoom } from "../../src/protocol/rooms.ts";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import type { Connection } from "../../src/realtime/transport/transport.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeNode, makeProject } from "../support/nodes.ts";

for (const { name, open } of databases) {
  describe(`project_left before the project's room was read, on ${name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    /** A window that hears a project, on a node to which only the news of the person's own room came. */
    async function setUp(ana: Actor) {
      const { node, connect, published } = makeNode(db.database, createMemoryBroker());
      const project = await makeProject(db.database, [ana], 0);
      const closed = Promise.withResolvers<number>();
      const sent: string[] = [];
      const deleted = Promise.withResolvers<void>();
      const connection: Connection = {
        ...connect(ana),
        close: (code) => closed.resolve(code),
        send(frame) {
          sent.push(frame);
          if (frame.includes("project_deleted")) deleted.resolve();
        },
      };
      const { hub, relay } = node.live;
      hub.join(connect(makeActor("Bo")), projectRoom(project.id));
      for (const room of [projectRoom(project.id), userRoom(ana.id)]) {
        hub.join(connection, room);
        relay.start(room, 0, "e");
      }
      const event = (room: RoomName, seq: number, name: string, data: object): CommittedEvent => ({
        room,
        roomId: roomId(room),
        seq,
        event: name,
        at: "2026-11-21T10:00:00.000Z",
        actor: null,
        mutationId: null,
        data: JSON.stringify(data),
      });
      const left = event(userRoom(ana.id), 1, "project_left", { project_id: project.id });
      const room = projectRoom(project.id);
      const leave = () => relay.committed([left]);
      const remove = () => relay.committed([event(room, 1, "member_removed", { member_id: ana.id })]);
      const removeProject = () => {
        relay.committed([event(room, 1, "project_updated", {})]);
        relay.committed([event(room, 2, "project_deleted", {}), left]);
      };
      const joinAgain = () => hub.join(connection, projectRoom(project.id));
      return {
        remove,
        removeProject,
        published,
        joinAgain,
        project,
        hears: () => hub.hears(connection, projectRoom(project.id)),
        leave,
        closed: closed.promise,
        sent,
        deleted: deleted.promise,
      };
    }

    test("[S10] nothing of the project is heard behind it", async () => {
      const ana = makeActor("Ana");
      const { project, hears, leave } = await setUp(ana);
      await db.database.sql`delete from members where project_id = ${project.id}`;
      expect(hears()).toBe(true);
      leave();
      expect(hears()).toBe(false);
    });

    test("[S10] who joined anew after the removal goes on hearing, though project_left came late", async () => {
      const { remove, joinAgain, hears, leave } = await setUp(makeActor("Ana"));
      remove();
      expect(hears()).toBe(false);
      joinAgain();
      leave();
      expect(hears()).toBe(true);
    });

    test("[S10] a deleted project is heard of to its end", async () => {
      const ana = makeActor("Ana");
      const { project, leave, sent, deleted } = await setUp(ana);
      await db.database.sql`update projects set deleted_at = now() where id = ${project.id}`;
      await db.database.sql`insert into events (room_id, seq, event, at, data) values
        (${project.id}, 1, 'project_updated', now(), '{}'), (${project.id}, 2, 'project_deleted', now(), '{}')`;
      await db.database.sql`update rooms set seq = 2 where id = ${project.id}`;
      leave();
      await deleted;
      const frames: { event: string; seq: number }[] = sent.map((frame) => JSON.parse(frame));
      expect(frames.map(({ event, seq }) => [event, seq])).toEqual([
        ["project_updated", 1],
        ["project_deleted", 2],
      ]);
    });

    test("[S10] a project deleted right behind another change is heard of before project_left", async () => {
      const { project, removeProject, published, hears } = await setUp(makeActor("Ana"));
      const before = published.size;
      removeProject();
      expect(published.get(projectRoom(project.id))).toHaveLength(2);
      expect([...published.keys()].slice(before)[0]).toBe(projectRoom(project.id));
      expect(hears()).toBe(false);
    });

    test("[S10] who was removed before the project was deleted hears nothing of it", async () => {
      const ana = makeActor("Ana");
      const { project, leave, sent, closed } = await setUp(ana);
      await db.database.sql`update projects set deleted_at = now() where id = ${project.id}`;
      await db.database.sql`insert into events (room_id, seq, event, at, data) values
        (${project.id}, 1, 'member_removed', now(), ${JSON.stringify({ member_id: ana.id })}), (${project.id}, 2, 'project_deleted', now(), '{}')`;
      await db.database.sql`update rooms set seq = 2 where id = ${project.id}`;
      leave();
      expect(await closed).toBe(4408);
      expect(sent).toEqual([]);
    });

    test("[S10] who is a member again resumes instead of missing what came since", async () => {
      const ana = makeActor("Ana");
      const { hears, leave, closed } = await setUp(ana);
      leave();
      expect(hears()).toBe(false);
      expect(await closed).toBe(4408);
    });
  });
}
