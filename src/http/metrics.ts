/** `GET /metrics`: who may read it, and its text. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Sources } from "../core/metric.ts";
import type { Metrics } from "../core/metrics.ts";
import { AppError } from "../protocol/errors.ts";
import { isLocal } from "./address.ts";

/** Throws `unauthenticated` where the token is not METRICS_TOKEN, `forbidden` where there is none and the caller is not local. */
export type AnswerMetrics = (request: Request, peer: string | undefined) => Promise<Response>;

export function createAnswerMetrics(token: string | undefined, sources: Sources): AnswerMetrics {
  let metrics: Promise<Metrics> | undefined;
  return async (request, peer) => {
    if (token !== undefined) requireToken(request, token);
    else if (!isLocal(request, peer)) {
      throw new AppError("forbidden", "set METRICS_TOKEN to read this from another machine or through a proxy");
    }
    metrics ??= import("../core/metrics.ts").then(({ createMetrics }) => createMetrics(sources));
    const { contentType, text } = await metrics;
    return new Response(await text(), { headers: { "content-type": contentType } });
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function requireToken(request: Request, token: string): void {
  const given = /^bearer +(\S+)\s*$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return;
  throw new AppError("unauthenticated", "send METRICS_TOKEN as a bearer token");
}
