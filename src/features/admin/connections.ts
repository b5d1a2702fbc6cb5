/** Who is connected to this process. */
import { z } from "zod";
import type { RawJson } from "../../core/raw-json.ts";
import { decodeCursor, encodeCursor, page } from "../../db/page.ts";
import type { LiveSession } from "../../protocol/connections.ts";
import type { Connection } from "../../realtime/transport/transport.ts";

/** A connection that has authenticated. */
export interface Connected {
  readonly connection: Pick<Connection, "id" | "actor" | "rooms">;
  readonly transport: LiveSession["transport"];
  readonly address: string | null;
}

export interface ConnectionFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly user_id?: string | undefined;
}

const Cursor = z.tuple([z.uuid()]);

/** In the order in which they connected: ids begin with the time. Throws `invalid` for a cursor. */
export function listConnections(all: Iterable<Connected>, { limit, cursor, user_id }: ConnectionFilter): RawJson {
  const [after] = decodeCursor(Cursor, cursor) ?? [""];
  const found: Connected[] = [];
  for (const each of all) {
    const { id, actor } = each.connection;
    if (id > after && (user_id === undefined || actor.id === user_id)) found.push(each);
  }
  found.sort((a, b) => (a.connection.id < b.connection.id ? -1 : 1));
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  return page(
    shown.map((each) => JSON.stringify(describe(each))),
    last ? encodeCursor([last.connection.id]) : null,
  );
}

const describe = ({ connection, transport, address }: Connected): LiveSession => {
  const { id, actor, rooms } = connection;
  const { email, avatarUrl: avatar_url, role, name } = actor;
  return {
    session_id: id,
    user: { id: actor.id, name, ...(email !== null && { email }), avatar_url, role },
    kind: actor.kind === "key" ? "key" : "user",
    transport,
    address,
    connected_at: new Date(madeAtMs(id)).toISOString(),
    rooms: [...rooms],
  };
};

/** A UUIDv7 begins with the milliseconds since 1970, in 48 bits. */
const madeAtMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
