/** What the routes share: the caller, bodies, queries, answers. Only files called routes.ts use it. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Elysia } from "elysia";
import type { z } from "zod";
import { jsonText, type RawJson } from "../core/raw-json.ts";
import { type Endpoint, MutationBody } from "../protocol/endpoint.ts";
import { AppError, invalid, parse } from "../protocol/errors.ts";
import { Id, MutationId } from "../protocol/ids.ts";
import { Version } from "../protocol/tasks.ts";
import type { LiveCtx } from "../realtime/live.ts";
import { requireAdmission } from "./admission.ts";
import { takeRoute } from "./route-taken.ts";

/** Given by the application. */
export interface HttpKit {
  /** Who calls. Throws `unauthenticated`, `forbidden` (foreign origin with a cookie), `rate_limited`. */
  readonly ctx: (request: Request) => LiveCtx | Promise<LiveCtx>;
  /** Told of every answer before it goes out; what it throws goes out instead. */
  readonly answered?: ((endpoint: Endpoint, response: Response) => Promise<void>) | undefined;
}

/** `:id` and the like of a path. */
type ParamName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamName<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** A request that was read by its endpoint's schemas. */
export interface Call<E extends Endpoint> {
  readonly ctx: LiveCtx;
  readonly request: Request;
  readonly params: Readonly<Record<ParamName<E["path"]>, string>>;
  readonly query: E["query"] extends z.ZodType ? z.output<E["query"]> : undefined;
  /** Of a write without a schema of its own: the mutation id, where one was given. */
  readonly body: E["body"] extends z.ZodType ? z.output<E["body"]> : MutationBody;
}

interface RawCall {
  readonly ctx: LiveCtx;
  readonly request: Request;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** An endpoint with what answers it. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly run: (call: RawCall) => Promise<Response>;
}

/** Handlers get an authenticated caller and everything parsed; they throw AppError. */
export function handle<const E extends Endpoint>(
  endpoint: E,
  handler: (call: Call<E>) => Response | Promise<Response>,
): Route {
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const read = async ({ ctx, request, params }: RawCall) => ({
    ctx,
    request,
    params: Object.fromEntries(names.map((name) => [name, pathParam(name, params[name])])),
    query: endpoint.query && readQuery(request, endpoint.query),
    body: endpoint.method === "GET" ? {} : await readBody(request, endpoint.body),
  });
  // Each part was read by this endpoint's own schema, which the compiler does not follow through the optional ones.
  return { endpoint, run: async (call) => handler((await read(call)) as Call<E>) };
}

/**
 * Registers endpoints; other methods of their paths are `method_not_allowed`. Elysia parses and validates nothing: its
 * validation errors repeat what was sent.
 */
export function register(app: Elysia, kit: HttpKit, routes: readonly Route[]): void {
  const serve = async ({ endpoint, run }: Route, request: Request, params: RawCall["params"]): Promise<Response> => {
    takeRoute(request, endpoint.path);
    const ctx = await kit.ctx(request);
    await requireAdmission(endpoint, ctx, params);
    const response = await run({ ctx, request, params });
    await kit.answered?.(endpoint, response);
    return response;
  };
  for (const [path, same] of Map.groupBy(routes, ({ endpoint }) => endpoint.path)) {
    for (const route of same)
      app.route(route.endpoint.method, path, ({ request, params }) => serve(route, request, params), { parse: "none" });
    const allow = same.map(({ endpoint }) => endpoint.method).join(", ");
    const get = same.find(({ endpoint }) => endpoint.method === "GET");
    const other = async (request: Request, params: RawCall["params"]): Promise<Response> => {
      if (request.method === "HEAD" && get) {
        const { status, headers } = await serve(get, request, params);
        return new Response(null, { status, headers });
      }
      takeRoute(request, path);
      throw new AppError("method_not_allowed", `${request.method} is not for this path; it takes ${allow}`, { allow });
    };
    app.all(path, ({ request, params }) => other(request, params), { parse: "none" });
  }
}

/** An id that is none is the id of nothing: `not_found`. */
function pathParam(name: string, value: string | undefined): string {
  if (name !== "id" && !name.endsWith("_id")) return value ?? "";
  const id = Id.safeParse(value);
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

/** The body of a write; `mutation_id` and the header `Idempotency-Key` are the same thing (H4). */
async function readBody(request: Request, schema: z.ZodType | undefined): Promise<unknown> {
  const { mutation_id } = mutationKey(request);
  if (!schema && !request.headers.has("content-type")) return { mutation_id };
  const body = await readJson(request, schema ?? MutationBody);
  if (mutation_id === undefined || typeof body !== "object" || body === null) return body;
  const given = "mutation_id" in body ? body.mutation_id : undefined;
  if (given === undefined || given === mutation_id) return { ...body, mutation_id };
  throw invalid("mutation_id", "differs from the header Idempotency-Key");
}

function mutationKey(request: Request): { mutation_id?: string } {
  const key = request.headers.get("idempotency-key");
  if (key === null) return {};
  const mutation = MutationId.safeParse(key);
  if (mutation.success) return { mutation_id: mutation.data };
  throw invalid("Idempotency-Key", "is 1 to 200 characters");
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
function readQuery(request: Request, schema: z.ZodType): unknown {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw invalid(name, "is given twice");
    query[name] = value;
  }
  return parse(schema, query);
}

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
