/** What the routes share: the caller, bodies, queries, answers. Only files called routes.ts use it. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Elysia } from "elysia";
import { z } from "zod";
import { jsonText, type RawJson } from "../core/raw-json.ts";
import { AppError, invalid, parse } from "../protocol/errors.ts";
import { Id, MutationId } from "../protocol/ids.ts";
import { Version } from "../protocol/tasks.ts";
import type { LiveCtx } from "../realtime/live.ts";

/** Given by the application. */
export interface HttpKit {
  /** Who calls. Throws `unauthenticated`, `forbidden` (foreign origin with a cookie), `rate_limited`. */
  readonly ctx: (request: Request) => LiveCtx | Promise<LiveCtx>;
}

export interface Call {
  readonly ctx: LiveCtx;
  readonly request: Request;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export type Handler = (call: Call) => Response | Promise<Response>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Registers a path with its methods; all others are `method_not_allowed`. Handlers get an authenticated caller and throw
 * AppError. Elysia parses and validates nothing: its validation errors repeat what was sent.
 */
export function route(app: Elysia, kit: HttpKit, path: string, methods: Readonly<Partial<Record<Method, Handler>>>) {
  const serve = async (handler: Handler, request: Request, params: Call["params"]): Promise<Response> =>
    handler({ ctx: await kit.ctx(request), request, params });
  for (const [method, handler] of Object.entries(methods)) {
    app.route(method, path, ({ request, params }) => serve(handler, request, params), { parse: "none" });
  }
  const allow = Object.keys(methods).join(", ");
  const other = async (request: Request, params: Call["params"]): Promise<Response> => {
    if (request.method === "HEAD" && methods.GET) {
      const { status, headers } = await serve(methods.GET, request, params);
      return new Response(null, { status, headers });
    }
    throw new AppError("method_not_allowed", `${request.method} is not for this path; it takes ${allow}`, { allow });
  };
  app.all(path, ({ request, params }) => other(request, params), { parse: "none" });
}

/** An id in the path. One that is no id is the id of nothing: `not_found`. */
export function pathId(call: Call, name: string): string {
  const id = Id.safeParse(call.params[name]);
  if (!id.success) throw new AppError("not_found", "there is nothing here");
  return id.data;
}

const isJson = (contentType: string | null): boolean =>
  contentType !== null && /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i.test(contentType.trim());

const bodyMaxBytes = 1024 * 1024;

/**
 * The JSON body, parsed by `schema`. Throws `unsupported_media_type`, `too_large` (over `maxBytes`, default 1 MiB),
 * `invalid` with the paths.
 */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  maxBytes = bodyMaxBytes,
): Promise<z.output<S>> {
  if (!isJson(request.headers.get("content-type")))
    throw new AppError("unsupported_media_type", "the body must be JSON, with Content-Type: application/json");
  const bytes = await readBytes(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalid("", "is not well-formed JSON in UTF-8");
  }
  return parse(schema, body);
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new AppError("too_large", `the body must not be larger than ${maxBytes} bytes`);
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > maxBytes) throw tooLarge();
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength > maxBytes) throw tooLarge();
    return bytes;
  }
  // A chunked body says its size only by ending: it is read no further than the limit.
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const DeleteBody = z.strictObject({ mutation_id: MutationId.optional() });

/** The mutation id of a DELETE: the header `Idempotency-Key`, or `mutation_id` of the body where there is one (H4). */
export const readDelete = async (request: Request): Promise<{ mutation_id?: string | undefined }> =>
  request.headers.has("content-type") ? readWrite(request, DeleteBody) : mutationKey(request);

function mutationKey(request: Request): { mutation_id?: string } {
  const key = request.headers.get("idempotency-key");
  if (key === null) return {};
  const mutation = MutationId.safeParse(key);
  if (mutation.success) return { mutation_id: mutation.data };
  throw invalid("Idempotency-Key", "is 1 to 200 characters");
}

/** The body of a write; `mutation_id` and the header `Idempotency-Key` are the same thing (H4). */
export async function readWrite<S extends z.ZodType<{ mutation_id?: string | undefined }>>(
  request: Request,
  schema: S,
): Promise<z.output<S>> {
  const body = await readJson(request, schema);
  const key = mutationKey(request).mutation_id;
  if (key === undefined || body.mutation_id === key) return body;
  if (body.mutation_id === undefined) return { ...body, mutation_id: key };
  throw invalid("mutation_id", "differs from the header Idempotency-Key");
}

/** The version of `If-Match: "3"`; undefined without the header and for `*`. */
export function ifMatch(request: Request): number | undefined {
  const header = request.headers.get("if-match")?.trim();
  if (header === undefined || header === "*") return undefined;
  const version = Version.safeParse(Number(/^(?:W\/)?"?(\d{1,10})"?$/.exec(header)?.[1]));
  if (version.success) return version.data;
  throw invalid("If-Match", 'is a version such as "3"');
}

/** The query, parsed by a strict schema. A name given twice is `invalid`. */
export function readQuery<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw invalid(name, "is given twice");
    query[name] = value;
  }
  return parse(schema, query);
}

/** A whole number in a query. */
export const QueryInt = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "is a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** Query of every list (H2); extend it with the list's filters. */
export const listQuery = { limit: QueryInt(1, 200).default(50), cursor: z.string().max(1000).optional() };

/** A JSON answer; `body` is a value or RawJson. */
export const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(jsonText(body), { status, headers: { "content-type": "application/json", ...headers } });

const packGzip = promisify(gzip);
/** Below this, packing costs more than it saves. */
const packedMinLength = 4096;

const takesGzip = (request: Request): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(request.headers.get("accept-encoding") ?? "");

/** A JSON answer that may be large (a list, a snapshot): packed on another thread, where the client takes that. */
export async function answerLarge(request: Request, body: RawJson): Promise<Response> {
  const vary = { vary: "Accept-Encoding" };
  if (body.text.length < packedMinLength || !takesGzip(request)) return answer(200, body, vary);
  const packed = await packGzip(body.text, { level: 4 });
  return new Response(new Uint8Array(packed), {
    headers: { "content-type": "application/json", "content-encoding": "gzip", ...vary },
  });
}

export const noContent = (): Response => new Response(null, { status: 204 });
