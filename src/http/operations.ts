/** What whoever operates the server asks: health and metrics. Every process answers it, whatever else it does. */
import type { Sources } from "../core/metric.ts";
import { AppError } from "../protocol/errors.ts";
import { type Health, liveResponse, readyResponse } from "./health.ts";
import { createAnswerMetrics } from "./metrics.ts";
import { takeRoute } from "./route-taken.ts";

/** Undefined where the path is none of them. Throws `method_not_allowed`, and what metrics throw. */
export type AnswerOperation = (
  request: Request,
  at: { readonly url: URL; readonly peer: string | undefined },
) => Response | Promise<Response> | undefined;

export interface OperationsOptions {
  readonly health: () => Health;
  readonly metricsToken: string | undefined;
  readonly sources: Sources;
}

export function createOperations({ health, metricsToken, sources }: OperationsOptions): AnswerOperation {
  type Operation = (request: Request, peer: string | undefined) => Response | Promise<Response>;
  const operations: Readonly<Record<string, Operation>> = {
    "/health/live": () => liveResponse(health()),
    "/health/ready": () => readyResponse(health()),
    "/metrics": createAnswerMetrics(metricsToken, sources),
  };
  return (request, { url: { pathname }, peer }) => {
    const operation = operations[pathname];
    if (!operation) return undefined;
    takeRoute(request, pathname);
    requireRead(request);
    return operation(request, peer);
  };
}

function requireRead({ method }: Request): void {
  if (method === "GET" || method === "HEAD") return;
  throw new AppError("method_not_allowed", `${method} is not for this path; it takes GET`, { allow: "GET, HEAD" });
}
