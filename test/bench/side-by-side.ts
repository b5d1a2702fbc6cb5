/**
 * Taskwire as a target of a harness that measures servers of many kinds (Bun, ws, Socket.IO, Flask-SocketIO, Nchan, NATS)
 * with one C client: its relay of messages, as in `fanout`. Rooms of BENCH_MEMBERS people, default: one room of all.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roomUuid, taskwireEnv } from "./targets.ts";

/** What the harness says of a run: the most connections it opens, the secret its people's tokens are signed with. */
interface Run {
  readonly port: number;
  readonly bun: string;
  readonly secret: string;
  readonly conns: number;
  token(person: number): string;
}

const room1 = roomUuid(1);

export default {
  name: "taskwire",
  note: "JWT, membership, limits, order and answers as in production; no write behind the frame",
  health: "/health/ready",
  argv: ({ bun }: Run) => [bun, join(import.meta.dirname, "side-by-side-server.ts")],
  env: ({ port, secret, conns }: Run) => ({
    ...taskwireEnv,
    TRUSTED_JWT_SECRET: secret,
    PORT: String(port),
    DATABASE_URL: "",
    DATA_DIR: mkdtempSync(join(tmpdir(), "taskwire-bench-data-")),
    BENCH_PEOPLE: String(conns),
  }),
  path: () => "/ws",
  headers: (run: Run, person: number) => `Authorization: Bearer ${run.token(person)}\r\n`,
  script: (_: Run, _person: number, room: number) => [
    '<"connected"',
    `>{"id":0,"event":"join_project","data":{"project_id":"${roomUuid(room)}"}}`,
    '<"id":0,"ok":true',
  ],
  relay: () => `{"event":"task_update","data":{"task_id":"${room1}","changes":{"title":"%M${"x".repeat(170)}"}}}`,
};
