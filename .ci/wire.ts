/**
 * The wire: every route, frame and event as JSON Schema, without prose. docs/wire.json keeps it, so that no change of it
 * goes unnoticed, and so that additions (which clients need not know of) are told from changes that break clients.
 */
import { createHash } from "node:crypto";
import { describeSocket } from "../src/http/asyncapi.ts";
import { codesOf, describeEndpoints } from "../src/http/openapi.ts";
import type { JsonSchema } from "../src/http/reference-schemas.ts";
import { events } from "../src/protocol/catalogue.ts";
import { customEvent } from "../src/protocol/custom-events.ts";
import { type Endpoint, scopeOf } from "../src/protocol/endpoint.ts";
import { endpoints } from "../src/protocol/endpoints.ts";
import { closeCodes, errorKinds } from "../src/protocol/errors.ts";
import { clientFrames, frameScopes } from "../src/protocol/frames.ts";
import { protocolVersion } from "../src/protocol/version.ts";

/** `sent` by clients, `answered` by the server; what is neither is a word that must stay. */
export interface Part {
  readonly sent: Readonly<Record<string, JsonSchema>>;
  readonly answered: Readonly<Record<string, JsonSchema>>;
  readonly words: Readonly<Record<string, unknown>>;
}

export interface Wire {
  readonly protocol: number;
  readonly hash: string;
  /** `GET /api/me`, `frame ping`, `event task_created`, `error invalid`. */
  readonly parts: Readonly<Record<string, Part>>;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

const present = (schemas: Record<string, JsonSchema | undefined>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(schemas).filter((entry): entry is [string, JsonSchema] => entry[1] !== undefined));

function endpointParts(): { parts: [string, Part][]; schemas: Wire["schemas"] } {
  const all: Record<string, Endpoint> = endpoints;
  const { book } = describeEndpoints(all);
  const parts = Object.values(all).map((endpoint): [string, Part] => {
    const { method, path, who = "caller", query, body, answer } = endpoint;
    const { status = 200, media, also, etag, ifMatch, projects } = endpoint;
    const sent = present({ query: query && book.of(query), body: body && book.of(body) });
    const words = {
      who,
      scope: scopeOf(endpoint),
      status,
      media,
      also,
      etag,
      ifMatch,
      projects,
      errors: codesOf(endpoint),
    };
    return [`${method} ${path}`, { sent, answered: present({ answer: answer && book.of(answer) }), words }];
  });
  return { parts, schemas: book.components };
}

function socketParts(): { parts: [string, Part][]; schemas: Wire["schemas"] } {
  const { book } = describeSocket(events);
  const frames = Object.entries(clientFrames).map(([name, { data, answer }]): [string, Part] => [
    `frame ${name}`,
    {
      sent: { data: book.of(data) },
      answered: { answer: book.of(answer) },
      words: { scope: frameScopes[name as keyof typeof frameScopes] },
    }, // the table's own name
  ]);
  const told = Object.entries({ ...events, "x_…": customEvent }).map(
    ([name, { audience, durable, data }]): [string, Part] => [
      `event ${name}`,
      { sent: {}, answered: { data: book.of(data) }, words: { audience, durable } },
    ],
  );
  return { parts: [...frames, ...told], schemas: book.components };
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys sorted, prose left out: the same wire is the same text. */
function canonical(value: unknown, within = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(
    // A field may be called `description`; a keyword of that name is prose.
    ([key, part]) => part !== undefined && (within === "properties" || !["description", "examples"].includes(key)),
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, canonical(part, key)]),
  );
}

/** The wire as the code speaks it now. */
export function currentWire(): Wire {
  const [http, socket] = [endpointParts(), socketParts()];
  const codes = Object.entries(errorKinds).map(([code, { status, retry }]): [string, Part] => [
    `error ${code}`,
    { sent: {}, answered: {}, words: { status, retry } },
  ]);
  const parts = [...http.parts, ...socket.parts, ...codes, ["closing", { sent: {}, answered: {}, words: closeCodes }]];
  const body = canonical({ parts: Object.fromEntries(parts), schemas: { ...http.schemas, ...socket.schemas } });
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  // Put together above in this very shape; `canonical` only sorts.
  return { protocol: protocolVersion, hash, ...(body as Pick<Wire, "parts" | "schemas">) };
}

export const wireText = (wire: Wire): string => `${JSON.stringify(wire, null, 1)}\n`;
