/** What runs the server asks of it, and its reference. These paths are answered before the API: no caller, no limits. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";

export const Liveness = z.object({ status: z.literal("ok"), version: z.string() });

export const Readiness = z.object({
  status: z.enum(["ready", "starting", "draining", "unavailable"]),
  version: z.string(),
  /** Which server answers: the `node_id` of live connections, and of `unanswered_nodes`. */
  node: z.string(),
  /** Each part, and whether it works: `database`, which must; `broker` and `redis` where there are such, which need not. */
  checks: z.record(z.string(), z.enum(["ok", "failing"])),
});

const operation = { method: "GET", who: "anyone" } as const;
const reference = { ...operation, tag: "reference" } as const;

export const operationEndpoints = {
  checkLive: defineEndpoint({
    ...operation,
    tag: "operations",
    path: "/health/live",
    summary: "Does the process answer?",
    description: "200 whatever state it is in. A restart is the cure where no answer comes.",
    answer: Liveness,
  }),
  checkReady: defineEndpoint({
    ...operation,
    tag: "operations",
    path: "/health/ready",
    summary: "Can requests be served now?",
    description:
      "503 with what is missing, while the server starts, stops, or has lost its database. Without its broker or its Redis it serves on.",
    answer: Readiness,
    also: [503],
  }),
  readOpenApi: defineEndpoint({
    ...reference,
    path: "/openapi.json",
    summary: "This description of every route",
    answer: z.looseObject({ openapi: z.string() }),
  }),
  readAsyncApi: defineEndpoint({
    ...reference,
    path: "/asyncapi.json",
    summary: "The description of the socket",
    answer: z.looseObject({ asyncapi: z.string() }),
  }),
  readReference: defineEndpoint({
    ...reference,
    path: "/docs",
    summary: "The reference as a page",
    answer: z.string(),
    media: "text/html",
  }),
};
