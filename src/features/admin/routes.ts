/** Administration over HTTP. */
import { answerLarge, handle, type Route } from "../../http/kit.ts";
import { connectionEndpoints } from "../../protocol/connections.ts";
import { type Connected, listConnections } from "./connections.ts";

export const adminRoutes = (connections: () => Iterable<Connected>): Route[] => [
  handle(connectionEndpoints.listSessions, ({ request, query }) =>
    answerLarge(request, listConnections(connections(), query)),
  ),
];
