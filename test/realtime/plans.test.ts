import { expect, test } from "bun:test";
import { activityBatchSql } from "../../src/db/activity.ts";
import { accessSql, neighboursSql } from "../../src/realtime/access.ts";
import { joinStatements } from "../../src/realtime/join.ts";
import { laneStatements } from "../../src/realtime/lane.ts";
import { readSql } from "../../src/realtime/log.ts";
import { databases } from "../support/db.ts";

const room = Bun.randomUUIDv7();
const statements: Record<string, readonly [string, readonly (string | number)[]]> = {
  ...Object.fromEntries(
    Object.entries(laneStatements).map(([shape, text]) => [`the lane, ${shape}`, [text, ["[]"]] as const]),
  ),
  "a page of the log": [readSql, [room, 0, 100]],
  "joining a project": [joinStatements.project.page, [room, 0, 100, room]],
  "resuming a person's room": [joinStatements.user.page, [room, 0, 100, room]],
  "joining many projects": [joinStatements.project.heads, [`{${room}}`, `{${room}}`]],
  "joining many persons' rooms": [joinStatements.user.heads, [`{${room}}`, "{null}"]],
  "what a writer decides on": [accessSql, [room]],
  "the tasks of a project a writer came to": [neighboursSql, [room]],
  "a batch of activity": [activityBatchSql, [room]],
};

for (const { name, open } of databases) {
  test(`on ${name} no hot statement reads a whole table, not even planned on empty ones`, async () => {
    const db = await open();
    try {
      const { sql } = db.database;
      await sql`set plan_cache_mode = force_generic_plan`;
      for (const [what, [text, parameters]] of Object.entries(statements)) {
        const rows = await sql.unsafe<{ "QUERY PLAN": string }[]>(`explain ${text}`, [...parameters], {
          prepare: true,
        });
        const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
        expect(plan.match(/Seq Scan on \w+/g), what).toBeNull();
        expect(plan, what).toMatch(/Index (Only )?Scan/);
      }
    } finally {
      await db.close();
    }
  });
}
