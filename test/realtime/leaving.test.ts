import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Actor } from "../../src/db/context.ts";
import { projectRoom, userRoom } from "../../src/protocol/rooms.ts";
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
      const { node, connect } = makeNode(db.database, createMemoryBroker());
      const project = await makeProject(db.database, [ana], 0);
      const closed = Promise.withResolvers<number>();
      const connection: Connection = { ...connect(ana), close: (code) => closed.resolve(code) };
      const { hub, relay } = node.live;
      hub.join(connect(makeActor("Bo")), projectRoom(project.id));
      for (const room of [projectRoom(project.id), userRoom(ana.id)]) {
        hub.join(connection, room);
        relay.start(room, 0, "e");
      }
      const leave = () =>
        relay.committed([
          {
            room: userRoom(ana.id),
            roomId: ana.id,
            seq: 1,
            event: "project_left",
            at: "2026-11-21T10:00:00.000Z",
            actor: null,
            mutationId: null,
            data: JSON.stringify({ project_id: project.id }),
          },
        ]);
      const remove = () =>
        relay.committed([
          {
            room: projectRoom(project.id),
            roomId: project.id,
            seq: 1,
            event: "member_removed",
            at: "2026-11-21T10:00:00.000Z",
            actor: null,
            mutationId: null,
            data: JSON.stringify({ member_id: ana.id }),
          },
        ]);
      const joinAgain = () => hub.join(connection, projectRoom(project.id));
      return {
        remove,
        joinAgain,
        project,
        hears: () => hub.hears(connection, projectRoom(project.id)),
        leave,
        closed: closed.promise,
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

    test("[S10] who is a member again resumes instead of missing what came since", async () => {
      const ana = makeActor("Ana");
      const { hears, leave, closed } = await setUp(ana);
      leave();
      expect(hears()).toBe(false);
      expect(await closed).toBe(4408);
    });
  });
}
