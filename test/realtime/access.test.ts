import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createMemoryBroker } from "../../src/realtime/broker/memory.ts";
import { databases, type TestDatabase } from "../support/db.ts";
import { makeActor, makeNode, makeProject } from "../support/nodes.ts";

for (const { name, open } of databases) {
  describe(`the project of a task, on ${name}`, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await open();
    });
    afterAll(() => db.close());

    test("is known of all its neighbours once it was asked for of one, and of no other project's", async () => {
      const { access } = makeNode(db.database, createMemoryBroker()).node.live;
      const project = await makeProject(db.database, [makeActor("Ana")], 3);
      const other = await makeProject(db.database, [makeActor("Bo")], 1);
      const [first = "", ...rest] = project.taskIds;
      expect(rest.map(access.peekProjectOf)).toEqual([undefined, undefined]);
      expect(await access.projectOf(first)).toBe(project.id);
      // They are read behind the answer.
      while (!rest.every(access.peekProjectOf)) await db.database.sql`select 1`;
      expect(rest.map(access.peekProjectOf)).toEqual([project.id, project.id]);
      expect(other.taskIds.map(access.peekProjectOf)).toEqual([undefined]);
      access.clear();
      expect([first, ...rest].map(access.peekProjectOf)).toEqual([undefined, undefined, undefined]);
    });
  });
}
