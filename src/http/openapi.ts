/** The OpenAPI 3.1 description of every route, from the catalogue of endpoints. */
import type { z } from "zod";
import { type Endpoint, MutationBody, scopeOf } from "../protocol/endpoint.ts";
import { errorReference } from "../protocol/error-reference.ts";
import { type ErrorCode, errorKinds, Problem } from "../protocol/errors.ts";
import { Id, MutationId } from "../protocol/ids.ts";
import { httpAbout } from "./reference-about.ts";
import { chapters } from "./reference-chapters.ts";
import { createExamples, type Examples } from "./reference-example.ts";
import { createSchemaBook, type JsonSchema, type SchemaBook } from "./reference-schemas.ts";

type Json = Record<string, unknown>;
export type Catalogue = Readonly<Record<string, Endpoint>>;

export interface HttpParts {
  readonly book: SchemaBook;
  readonly examples: Examples;
}

const isSchema = (part: z.ZodType | undefined): part is z.ZodType => part !== undefined;

/** Every schema of the catalogue, and the examples made of them. */
export function describeEndpoints(endpoints: Catalogue): HttpParts {
  const all = Object.values(endpoints);
  const whole = [Problem, Id, MutationId, MutationBody, ...all.flatMap(({ body, answer }) => [body, answer])];
  const book = createSchemaBook(whole.filter(isSchema), all.map(({ query }) => query).filter(isSchema));
  return { book, examples: createExamples(book) };
}

/** The document, as a value for JSON. */
export function openApi(endpoints: Catalogue, version: string): Json {
  const parts = describeEndpoints(endpoints);
  const entries = Object.entries(endpoints);
  const byPath = Map.groupBy(entries, ([, { path }]) => templateOf(path));
  const paths = [...byPath].map(([path, same]) => [
    path,
    Object.fromEntries(
      same.map(([name, endpoint]) => [endpoint.method.toLowerCase(), operation(name, endpoint, parts)]),
    ),
  ]);
  const responses = Object.fromEntries(entries.flatMap(([, endpoint]) => problemResponses(endpoint)));
  const used = new Set(entries.map(([, { tag }]) => tag));
  return {
    openapi: "3.1.1",
    info: {
      title: "Taskwire",
      version,
      summary: "A self-hosted, real-time task server",
      description: httpAbout,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This server" }],
    security: [{ session: [] }, { token: [] }, { key: [] }],
    tags: Object.entries(chapters)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(paths),
    components: { schemas: parts.book.components, responses, headers, securitySchemes },
  };
}

/** `/api/tasks/:id` → `/api/tasks/{id}`. */
const templateOf = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

const securitySchemes = {
  session: {
    type: "apiKey",
    in: "cookie",
    name: "taskwire.session_token",
    description: "Set by signing in; over https its name begins with `__Secure-`. Writes need an allowed `Origin`.",
  },
  token: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of `POST /api/token`, or of the host application.",
  },
  key: {
    type: "http",
    scheme: "bearer",
    description: "An API key, which begins with `tw_`. The names beside it are the scopes it needs.",
  },
} as const;

const headers = {
  RequestId: { description: "Finds the request in the server's log.", schema: { type: "string" } },
  RetryAfter: { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } },
  Location: { description: "The path of what was made.", schema: { type: "string", format: "uri-reference" } },
  ETag: { description: "The resource's version in quotes, for `If-Match`.", schema: { type: "string" } },
} as const;

const headerRef = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });

/** OpenAPI 3.1 lets schemes that are not OAuth name what they need too. */
function securityOf(endpoint: Endpoint): Json[] {
  if (endpoint.who === "anyone") return [];
  if (endpoint.path.startsWith("/api/auth/")) return [{ session: [] }];
  const people = [{ session: [] }, { token: [] }];
  const scope = scopeOf(endpoint);
  if (scope === "session") return people;
  return [...people, { key: scope === "any" ? [] : [scope] }];
}

function operation(name: string, endpoint: Endpoint, parts: HttpParts): Json {
  const { tag, summary, description, who, body } = endpoint;
  const parameters = [...pathParameters(endpoint), ...queryParameters(endpoint, parts), ...headerParameters(endpoint)];
  const about = [description, who === "administrator" && "For administrators of the server."].filter(Boolean).join(" ");
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(about !== "" && { description: about }),
    security: securityOf(endpoint),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: jsonContent(body, parts) } }),
    ...(!body && retried(endpoint) && { requestBody: mutationBody(parts) }),
    responses: { ...successes(endpoint, parts), ...problems(endpoint) },
  };
}

/** Is a retry of it applied once? Then it can also be refused for a key that was used otherwise (H4). */
export const retried = ({ errors = [] }: Endpoint): boolean => errors.includes("idempotency_mismatch");

const mutationBody = ({ book }: HttpParts) => ({
  required: false,
  content: { "application/json": { schema: book.of(MutationBody) } },
});

const jsonContent = (schema: z.ZodType, { book, examples }: HttpParts, media = "application/json"): Json => ({
  [media]: { schema: book.of(schema), ...(media === "application/json" && { example: examples.fitting(schema) }) },
});

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const pathParameters = ({ path }: Endpoint): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: name === "id" || name.endsWith("_id") ? schemaRef("Id") : { type: "string" },
  }));

function queryParameters({ query }: Endpoint, { book }: HttpParts): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = book.resolve(book.of(query));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function headerParameters(endpoint: Endpoint): Json[] {
  const header = (name: string, description: string, schema: JsonSchema) => ({
    name,
    in: "header",
    description,
    schema,
  });
  return [
    ...(retried(endpoint)
      ? [
          header(
            "Idempotency-Key",
            "The same thing as `mutation_id`: a retry with it is applied once.",
            schemaRef("MutationId"),
          ),
        ]
      : []),
    ...(endpoint.ifMatch
      ? [
          header("If-Match", 'The version the caller saw, such as `"3"`; a stale one is `conflict`.', {
            type: "string",
          }),
        ]
      : []),
  ];
}

function successes(endpoint: Endpoint, parts: HttpParts): Json {
  const { status = 200, answer, media, also = [], etag } = endpoint;
  const success = {
    description: status === 201 ? "Made" : status === 204 ? "Done" : "The answer",
    headers: {
      "X-Request-Id": headerRef("RequestId"),
      ...(status === 201 && { Location: headerRef("Location") }),
      ...(etag && { ETag: headerRef("ETag") }),
    },
    ...(answer && { content: jsonContent(answer, parts, media) }),
  };
  const others = also.map((code) => [code, { ...success, description: "The same, of a server that cannot serve now" }]);
  return { [status]: success, ...Object.fromEntries(others) };
}

/** Every code the route may answer: its own, and those of all routes of the API. */
export function codesOf({ method, path, who, scope, body, errors = [] }: Endpoint): readonly ErrorCode[] {
  if (!path.startsWith("/api/")) return ["invalid", ...errors];
  const codes = new Set<ErrorCode>(errors);
  if (who !== "anyone") codes.add("unauthenticated");
  // A key without the scope. The account paths know no keys.
  const takesKeys = who !== "anyone" && !path.startsWith("/api/auth/");
  if (takesKeys && scope !== "any") codes.add("forbidden");
  if (method !== "GET") for (const code of ["forbidden", "invalid", "storage_full"] as const) codes.add(code);
  // Other writes take a mutation id in a body; the account paths read none.
  const readsBody = body !== undefined || (method !== "GET" && !path.startsWith("/api/auth/"));
  if (readsBody) for (const code of ["invalid", "too_large", "unsupported_media_type"] as const) codes.add(code);
  for (const code of ["invalid", "rate_limited", "internal", "unavailable"] as const) codes.add(code);
  return Object.keys(errorKinds).filter((code): code is ErrorCode => codes.has(code as ErrorCode));
}

/** Codes of one status are one response. */
const byStatus = (endpoint: Endpoint) => Map.groupBy(codesOf(endpoint), (code) => errorKinds[code].status);

const problems = (endpoint: Endpoint): Json =>
  Object.fromEntries(
    [...byStatus(endpoint)].map(([status, codes]) => [status, { $ref: `#/components/responses/${codes.join("-")}` }]),
  );

function problemResponses(endpoint: Endpoint): [string, Json][] {
  return [...byStatus(endpoint).values()].map((codes) => {
    const wait = codes.some((code) => code === "rate_limited" || code === "unavailable");
    const examples = codes.map((code) => [
      code,
      { summary: errorReference[code].meaning, value: errorReference[code].answer },
    ]);
    const response = {
      description: codes.map((code) => `\`${code}\`: ${errorReference[code].meaning}`).join("\n\n"),
      headers: { "X-Request-Id": headerRef("RequestId"), ...(wait && { "Retry-After": headerRef("RetryAfter") }) },
      content: { "application/problem+json": { schema: schemaRef("Problem"), examples: Object.fromEntries(examples) } },
    };
    return [codes.join("-"), response];
  });
}
