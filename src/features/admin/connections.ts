/** Who is connected, to whichever node. */
import { z } from "zod";
import type { Config } from "../../core/config.ts";
import { RawJson } from "../../core/raw-json.ts";
import { decodeCursor, encodeCursor } from "../../db/page.ts";
import type { LiveSession } from "../../protocol/connections.ts";
import type { Peers } from "../../realtime/peers.ts";
import type { Connection } from "../../realtime/transport/transport.ts";

/** A connection that has authenticated. */
interface Connected {
  readonly connection: Pick<Connection, "id" | "actor" | "rooms">;
  readonly transport: LiveSession["transport"];
  readonly address: string | null;
}

export interface ConnectionFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly user_id?: string | undefined;
}

export interface Connections {
  /** In the order in which they connected: ids begin with the time. Throws `invalid` for a cursor. */
  list(filter: ConnectionFilter): Promise<RawJson>;
}

const Cursor = z.tuple([z.uuid()]);

/** What nodes ask each other: the first `limit` behind `after`. */
interface Wanted {
  readonly limit: number;
  readonly after: string;
  readonly user_id?: string | undefined;
}

/** `all`: those of this node. Behind proxies the address a socket sees is theirs, and not told. */
export function createConnections(
  { trustedProxies }: Pick<Config, "trustedProxies">,
  all: () => Iterable<Connected>,
  peers: Peers,
): Connections {
  const behindProxies = trustedProxies.length > 0;
  const find = ({ limit, after, user_id }: Wanted): LiveSession[] => {
    const found: Connected[] = [];
    for (const each of all()) {
      const { id, actor } = each.connection;
      if (id > after && (user_id === undefined || actor.id === user_id)) found.push(each);
    }
    found.sort((a, b) => (a.connection.id < b.connection.id ? -1 : 1));
    return found
      .slice(0, limit)
      .map((each) => ({ ...describe(each, peers.id), ...(behindProxies && { address: null }) }));
  };
  peers.answers("sessions", (text) => {
    const wanted: Wanted = JSON.parse(text);
    return JSON.stringify(find(wanted));
  });

  return {
    async list({ limit, cursor, user_id }) {
      const [after] = decodeCursor(Cursor, cursor) ?? [""];
      // One more than is shown tells whether there is a next page.
      const wanted: Wanted = { limit: limit + 1, after, user_id };
      const { answers, missing } = await peers.ask("sessions", JSON.stringify(wanted));
      const found = find(wanted);
      for (const text of answers.values()) {
        const theirs: LiveSession[] = JSON.parse(text);
        found.push(...theirs);
      }
      found.sort((a, b) => (a.session_id < b.session_id ? -1 : 1));
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      const next_cursor = last ? encodeCursor([last.session_id]) : null;
      return new RawJson(JSON.stringify({ items, next_cursor, unanswered_nodes: missing }));
    },
  };
}

const describe = ({ connection, transport, address }: Connected, node_id: string): LiveSession => {
  const { id, actor, rooms } = connection;
  const { email, avatarUrl: avatar_url, role, name } = actor;
  return {
    session_id: id,
    node_id,
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
