/** Live connections, for administrators. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { Id } from "./ids.ts";
import { User } from "./users.ts";

/** What the wire calls a session is one connection: the `session_id` of `connected`. */
export const LiveSession = z.object({
  session_id: z.string(),
  /** The server process it is connected to. */
  node_id: z.string(),
  user: User,
  /** `key`: a program, with a key of this person. */
  kind: z.enum(["user", "key"]),
  transport: z.enum(["websocket", "socketio"]),
  /** Null where proxies stand in front of the server: what it sees is their address. */
  address: z.string().nullable(),
  connected_at: z.string(),
  /** Rooms it hears, its person's own among them. */
  rooms: z.array(z.string()),
});
export type LiveSession = z.infer<typeof LiveSession>;

export const connectionEndpoints = {
  listSessions: defineEndpoint({
    method: "GET",
    path: "/api/sessions",
    tag: "operations",
    summary: "Live connections, of all servers",
    description:
      "Takes an administrator. In the order in which they connected. `user_id`: one person's. `unanswered_nodes`: servers that were there and did not tell theirs within two seconds; one that died is no longer named after eight. The id is the `node` of its `GET /health/ready`.",
    who: "administrator",
    query: ListQuery.extend({ user_id: Id.optional() }),
    answer: Page(LiveSession).extend({ unanswered_nodes: z.array(z.string()) }),
    errors: ["forbidden"],
  }),
};
