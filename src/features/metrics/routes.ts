/** Routes of the server's figures. `GET /metrics` is not among them: it is answered before the API (http/metrics.ts). */
import type { Sources } from "../../core/metric.ts";
import { answer, handle, type Route } from "../../http/kit.ts";
import { metricsEndpoints } from "../../protocol/metrics.ts";
import { connectionMetrics } from "./service.ts";

export const metricsRoutes = (sources: Sources): Route[] => [
  handle(metricsEndpoints.readConnectionMetrics, () => answer(200, connectionMetrics(sources))),
];
