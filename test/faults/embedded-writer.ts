/**
 * A process of the fault tests: commits rows to the embedded database and prints each id after its acknowledgement,
 * or "refused" and the error's code.
 * Arguments: data folder, statements in flight, rows to write (0: until killed).
 */
import { writeSync } from "node:fs";
import postgres from "postgres";
import { openEmbedded } from "../../src/db/embedded.ts";

const [dataDir = "", inFlight = "1", rows = "0"] = process.argv.slice(2);
const engine = await openEmbedded({ dataDir, statementTimeoutMs: 30_000 });
const sql = postgres({ ...engine.options, onnotice() {} });
await sql`create table if not exists kept (id uuid primary key, body text not null)`;
const insert = (id: string) => sql`insert into kept values (${id}, ${"x".repeat(100)})`;
await insert(Bun.randomUUIDv7());
writeSync(1, "ready\n");

const last = Number(rows) || Number.POSITIVE_INFINITY;
let begun = 0;
const write = async () => {
  while (begun++ < last) {
    const id = Bun.randomUUIDv7();
    const said = await insert(id).then(
      () => id,
      (error) => `refused ${error.code}`,
    );
    writeSync(1, `${said}\n`);
  }
};
await Promise.all(Array.from({ length: Number(inFlight) }, write));
await sql.end();
await engine.close();
