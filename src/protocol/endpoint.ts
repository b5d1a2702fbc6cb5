/** What an HTTP route is: its address, who may call it, what it takes and what it answers. Reference and routes follow. */
import { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import { MutationId } from "./ids.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What an API key may be allowed. A person's own session may do all of it. */
export const Scope = z.enum(["read", "write", "events:publish", "notifications:send"]);
export type Scope = z.infer<typeof Scope>;

export interface Endpoint {
  readonly method: Method;
  /** Parameters as `:name`; those called `id` or `…_id` are ids. */
  readonly path: string;
  /** One of the reference's chapters. */
  readonly tag: string;
  readonly summary: string;
  /** Roles, order of a list, limits: whatever a caller must know beyond the schemas. */
  readonly description?: string;
  /** `anyone`: without signing in. Default `caller`. */
  readonly who?: "anyone" | "caller" | "administrator";
  /** What an API key needs; `session`: no key will do; `any`: every key will. Default `read` for GET, else `write`. */
  readonly scope?: Scope | "session" | "any";
  /**
   * A key for certain projects is held to them by the path, where it leads into one (`/api/projects/:id…`, `/api/tasks/:id…`,
   * see http/admission.ts). Every other endpoint refuses such a key, but those that say `cut`: they leave out what is not
   * of its projects, or answer nothing of any.
   */
  readonly projects?: "cut";
  /** Strict: an unknown name is `invalid`. */
  readonly query?: z.ZodType;
  /** Of a write that takes more than a mutation id. */
  readonly body?: z.ZodType;
  /** Default 200; 201 with `Location`; 204 without an answer. */
  readonly status?: 200 | 201 | 204;
  readonly answer?: z.ZodType;
  /** Statuses beside `status` with the same kind of answer. */
  readonly also?: readonly 503[];
  /** Of an answer that is text, not JSON. */
  readonly media?: "text/html" | "text/plain";
  /** The answer's `ETag` is the resource's version. */
  readonly etag?: true;
  /** Takes that version in `If-Match` too. */
  readonly ifMatch?: true;
  /** Codes beyond `unauthenticated`, `invalid`, `rate_limited` and those of a failing server, which every route may answer. */
  readonly errors?: readonly ErrorCode[];
}

/** Declares an endpoint; the catalogue collects them. Literal types survive, so paths and schemas stay typed. */
export const defineEndpoint = <const Definition extends Endpoint>(definition: Definition): Definition => definition;

export const scopeOf = ({ scope, method }: Endpoint): Scope | "session" | "any" =>
  scope ?? (method === "GET" ? "read" : "write");

/** Body of a write that takes nothing else; it may be absent (H4). */
export const MutationBody = z.strictObject({ mutation_id: MutationId.optional() });
export type MutationBody = z.infer<typeof MutationBody>;

/** Keywords of JSON Schema with which the reference shows a schema that does not look the way it is meant. */
export const shownAs = z.registry<Readonly<Record<string, string | number>>>();

/** A whole number in a query. */
export const QueryInt = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, "is a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .register(shownAs, { type: "integer", minimum: min, maximum: max });

/** Query of every list (H2); extend it with the list's filters. */
export const listQuery = { limit: QueryInt(1, 200).default(50), cursor: z.string().max(1000).optional() };
export const ListQuery = z.strictObject(listQuery);
export type ListQuery = z.infer<typeof ListQuery>;

/** A page of any list (H2). */
export const Page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() });
