/**
 * The limits, by hand on Bun alone: a publish server, and (with DATABASE_URL) the same with a durable update whose one
 * statement locks the task, changes it, raises the room's counter and writes the numbered event; a pool of 16.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import postgres from "postgres";

const secret = process.env.TRUSTED_JWT_SECRET ?? "";
const url = process.env.DATABASE_URL;
const sql = url === undefined ? undefined : postgres(url, { max: 16, onnotice: () => {} });

function verify(token: string): number {
  const dot = token.lastIndexOf(".");
  const given = Buffer.from(token.slice(dot + 1), "base64url");
  const wanted = createHmac("sha256", secret).update(token.slice(0, dot)).digest();
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 0;
  const claims: { sub: string; exp: number } = JSON.parse(
    Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
  );
  return claims.exp * 1000 > Date.now() ? Number(claims.sub) : 0;
}

async function update(person: number, task: number, status: string, note: string): Promise<number> {
  if (!sql) throw new Error("this needs DATABASE_URL");
  const rows = await sql<{ project_id: number }[]>`
    with o as (select t.id, t.project_id, t.status from tasks t where t.id = ${task}
        and exists (select 1 from members m where m.project_id = t.project_id and m.user_id = ${person}) for update),
      u as (update tasks t set status = ${status}, version = version + 1, updated_at = now() from o
        where t.id = o.id returning t.project_id),
      c as (update rooms r set seq = r.seq + 1 from u where r.id = u.project_id returning r.id, r.seq),
      a as (insert into activity (project_id, task_id, user_id, type, note, seq)
        select c.id, ${task}::int, ${person}::int, 'status', ${note}::text, c.seq from c)
    select id as project_id, seq from c`;
  return rows[0]?.project_id ?? 0;
}

interface Message {
  t: string;
  room: number;
  id: number;
  task_id: number;
  status: string;
  d: string;
}

const server = Bun.serve<{ person: number }>({
  port: Number(process.env.PORT),
  hostname: "127.0.0.1",
  fetch(request, listener) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/health") return new Response("ok");
    const person = verify(searchParams.get("token") ?? "");
    if (person === 0) return new Response("no", { status: 401 });
    return listener.upgrade(request, { data: { person } }) ? undefined : new Response("no", { status: 400 });
  },
  websocket: {
    idleTimeout: 600,
    perMessageDeflate: false,
    open: (socket) => void socket.send('{"t":"connected"}'),
    async message(socket, raw) {
      const message: Message = JSON.parse(String(raw));
      const { person } = socket.data;
      if (message.t === "join") {
        socket.subscribe(`p:${message.room}`);
        socket.send('{"t":"joined"}');
      } else if (message.t === "relay") {
        server.publish(`p:${message.room}`, JSON.stringify({ t: "relayed", from: person, d: message.d }));
      } else {
        const room = await update(person, message.task_id, message.status, message.d).catch(() => 0);
        const frame = { t: "changed", task_id: message.task_id, status: message.status, by: person, note: message.d };
        if (room) server.publish(`p:${room}`, JSON.stringify(frame));
        socket.send(JSON.stringify({ t: "ack", id: message.id, ok: room !== 0 }));
      }
    },
  },
});
