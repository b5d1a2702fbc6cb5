/** Headers of every answer: what browsers must not do with it, who may read it, and under which id it was logged. */
import type { Config } from "../core/config.ts";
import { isListedOrigin } from "./origin.ts";

type HeaderConfig = Pick<Config, "publicUrl" | "corsOrigins" | "tlsCertFile">;

export const requestIdHeader = "x-request-id";

/** Nothing from elsewhere, nothing inline; sockets to our own host are covered by 'self'. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", contentSecurityPolicy],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["referrer-policy", "same-origin"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
];

const strictTransport = "max-age=31536000";
const exposedHeaders = "etag, location, retry-after, x-request-id";
const allowedHeaders = "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id";
const allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE";
const preflightMaxAgeSeconds = 600;

/** The id of this request: the caller's, where it is a harmless text of 8 to 128 characters, else a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get(requestIdHeader);
  return given !== null && /^[\w.:-]{8,128}$/.test(given) ? given : Bun.randomUUIDv7();
}

/** `response` with the headers every answer carries; those it has already (but for the security headers) stay. */
export function withHeaders(response: Response, request: Request, requestId: string, config: HeaderConfig): Response {
  const { headers } = response;
  for (const [name, value] of securityHeaders) headers.set(name, value);
  if (isHttps(config)) headers.set("strict-transport-security", strictTransport);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  headers.set(requestIdHeader, requestId);
  allowOrigin(headers, request, config);
  return sayClose(response, request);
}

/**
 * Whoever asked for the connection to be closed is told that it will be (RFC 9112, 9.6): Bun closes it without a word, and
 * clients on Node's keeping agent, node-fetch among them, would send their next request into it.
 */
export function sayClose(response: Response, request: Request): Response {
  if (/\bclose\b/i.test(request.headers.get("connection") ?? "")) response.headers.set("connection", "close");
  return response;
}

const isHttps = ({ publicUrl, tlsCertFile }: HeaderConfig): boolean =>
  tlsCertFile !== undefined || publicUrl?.startsWith("https:") === true;

/** Cross-origin answers name the one origin, never a star, and say to caches that they differ by it. */
function allowOrigin(headers: Headers, request: Request, config: HeaderConfig): void {
  if (config.corsOrigins.length === 0) return;
  headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin === null || !isListedOrigin(origin, config)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", exposedHeaders);
  headers.set("cross-origin-resource-policy", "cross-origin");
}

/** The answer to a browser that asks before a cross-origin request; undefined where this is no such question. */
export function preflight(request: Request, config: HeaderConfig): Response | undefined {
  if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return undefined;
  const headers = new Headers();
  const origin = request.headers.get("origin");
  if (origin !== null && isListedOrigin(origin, config)) {
    headers.set("access-control-allow-methods", allowedMethods);
    headers.set("access-control-allow-headers", allowedHeaders);
    headers.set("access-control-max-age", String(preflightMaxAgeSeconds));
  }
  return new Response(null, { status: 204, headers });
}
