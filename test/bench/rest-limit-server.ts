/**
 * The limits of REST: Elysia and postgres.js with one statement a request on Taskwire's own tables, and nothing else: no
 * caller, no rights, no schema, no event.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Elysia } from "elysia";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL ?? "", { max: 16, onnotice: () => {} });
const pack = promisify(gzip);
/** The first one of the seed. */
const person = "00000000-0000-7000-a000-000000000001";

new Elysia()
  .get("/health", () => "ok")
  .get("/api/tasks/:id", async ({ params }) => (await sql`select * from tasks where id = ${params.id}`)[0])
  .patch("/api/tasks/:id", async ({ params, body }) => {
    const { title } = body as { title: string }; // the load sends nothing else
    return (await sql`update tasks set title = ${title}, version = version + 1 where id = ${params.id} returning *`)[0];
  })
  .post("/api/projects/:id/tasks", async ({ params, body }) => {
    const { title } = body as { title: string }; // the load sends nothing else
    const rows = await sql`
      with p as (update projects set task_count = task_count + 1 where id = ${params.id} returning id, task_count)
      insert into tasks (id, project_id, number, key, title, status, position, created_by)
      select ${Bun.randomUUIDv7()}, p.id, p.task_count, 'P-' || p.task_count, ${title}, 'todo', 'a', ${person} from p
      returning *`;
    return rows[0];
  })
  .get("/api/projects/:id/snapshot", async ({ params }) => {
    const [row] = await sql`select json_agg(t)::text as body from tasks t where project_id = ${params.id}`;
    const packed = await pack(row?.body ?? "[]", { level: 4 });
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    return new Response(new Uint8Array(packed), { headers });
  })
  .listen({ port: Number(process.env.PORT), hostname: "127.0.0.1" });
