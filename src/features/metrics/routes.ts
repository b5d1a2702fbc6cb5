/** Routes of the server's figures. `GET /metrics` is not among them: it is answered before the API (http/metrics.ts). */
import { answer, handle, type Route } from "../../http/kit.ts";
import { metricsEndpoints } from "../../protocol/metrics.ts";
import type { ConnectionFigures } from "./service.ts";

export const metricsRoutes = (figures: ConnectionFigures): Route[] => [
  handle(metricsEndpoints.readConnectionMetrics, async () => answer(200, await figures.read())),
];
