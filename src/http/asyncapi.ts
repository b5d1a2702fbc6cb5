/** The AsyncAPI 3 description of the socket, from the catalogues of events and of client frames. */
import type { z } from "zod";
import { customEvent, customEventName } from "../protocol/custom-events.ts";
import { SocketError } from "../protocol/errors.ts";
import type { EventDefinition } from "../protocol/event.ts";
import { type ClientFrameName, clientFrames, FrameId } from "../protocol/frames.ts";
import { MutationId } from "../protocol/ids.ts";
import { EventActor } from "../protocol/users.ts";
import { socketAbout } from "./reference-about.ts";
import { createExamples, type Examples } from "./reference-example.ts";
import { frameSummaries } from "./reference-frames.ts";
import { createSchemaBook, type JsonSchema, type SchemaBook } from "./reference-schemas.ts";

type Json = Record<string, unknown>;
export type Events = Readonly<Record<string, EventDefinition>>;

export interface SocketParts {
  readonly book: SchemaBook;
  readonly examples: Examples;
}

export const frameNames = Object.keys(clientFrames) as readonly ClientFrameName[]; // the table is closed: `as const`

/** Every schema of the socket, and the examples made of them. */
export function describeSocket(events: Events): SocketParts {
  const frames = Object.values(clientFrames).flatMap(({ data, answer }) => [data, answer]);
  const data = [...Object.values(events), customEvent].map((event) => event.data);
  const book = createSchemaBook([FrameId, MutationId, EventActor, SocketError, ...frames, ...data]);
  return { book, examples: createExamples(book) };
}

/** The document, as a value for JSON. */
export function asyncApi(events: Events, version: string): Json {
  const parts = describeSocket(events);
  const messages = Object.fromEntries([
    ...frameNames.flatMap((name) => frameMessages(name, parts)),
    ["failure", failureMessage(parts)],
    ...Object.entries(events).map(([name, event]) => [name, eventMessage(name, event, parts)]),
    ["custom_event", eventMessage("x_…", customEvent, parts)],
  ]);
  const sent = [...Object.keys(events), "custom_event"];
  const all = Object.fromEntries(Object.keys(messages).map((name) => [name, componentRef("messages", name)]));
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Taskwire socket",
      version,
      description: socketAbout,
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
      tags: [{ name: "socket", description: "Live connections." }],
    },
    defaultContentType: "application/json",
    servers: { this: server, socketio: socketIoServer },
    channels: {
      ws: {
        address: "/ws",
        title: "The socket",
        description: "Everything goes over this one channel: frames of the client, their answers, and events.",
        servers: [{ $ref: "#/servers/this" }],
        messages: all,
        bindings: { ws: binding },
      },
      socketio: {
        address: "/socket.io/",
        title: "Socket.IO",
        description: socketIoAbout,
        servers: [{ $ref: "#/servers/socketio" }],
        messages: all,
      },
    },
    operations: Object.fromEntries([
      ...frameNames.map((name) => [`receive_${name}`, receiving(name)]),
      ...sent.map((name) => [`send_${name}`, sending(name)]),
    ]),
    components: { schemas: parts.book.components, messages, securitySchemes },
  };
}

const server = {
  host: "{host}",
  protocol: "ws",
  description: "This server; `wss` where it is reached over https.",
  variables: { host: { default: "localhost:3000", description: "Its host and port." } },
  security: ["session", "token"].map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
};

const socketIoServer = {
  ...server,
  protocol: "socket.io",
  protocolVersion: "5",
  description: "The same server for clients of Socket.IO 4, over Engine.IO 4, by polling, WebSocket or both.",
};

/** What differs from the frames that the messages describe (I1, I2). */
const socketIoAbout = `The same messages, spelled as packets of Socket.IO in the namespace \`/\`. A client's frame is
\`emit(event, data, ack)\`, and its answer without \`id\` the argument of \`ack\`. An event has one argument: its data, with
\`_meta\` for what else the frame holds (\`room\`, \`seq\`, \`at\`, \`actor\`, \`mutation_id\`). A token is given as
\`auth: { token }\`; who is refused hears \`connect_error\`, whose message is the error's code.`;

const securitySchemes = {
  session: {
    type: "httpApiKey",
    in: "cookie",
    name: "taskwire.session_token",
    description: "With an allowed `Origin`. Over https the name begins with `__Secure-`.",
  },
  token: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "In the header, as the subprotocol `bearer.<token>`, or in the frame `authenticate`.",
  },
};

const binding = {
  method: "GET",
  headers: {
    type: "object",
    properties: {
      authorization: { type: "string", description: "`Bearer` and a token." },
      "sec-websocket-protocol": {
        type: "string",
        description: "`taskwire.v1, bearer.<token>`; answered `taskwire.v1`.",
      },
    },
  },
  bindingVersion: "0.1.0",
};

const componentRef = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const messageRef = (name: string) => ({ $ref: `#/channels/ws/messages/${name}` });
const channel = { $ref: "#/channels/ws" };

const receiving = (name: ClientFrameName) => ({
  action: "receive",
  channel,
  title: name,
  summary: frameSummaries[name],
  messages: [messageRef(name)],
  reply: { channel, messages: [messageRef(`${name}_answer`), messageRef("failure")] },
});

const sending = (name: string) => ({ action: "send", channel, title: name, messages: [messageRef(name)] });

const object = (properties: Record<string, JsonSchema>, optional: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** A client's frame as it is sent. `data` may be absent where nothing in it is needed. */
export function framePayload(name: ClientFrameName, { book }: SocketParts): JsonSchema {
  const data = book.of(clientFrames[name].data);
  const free = (book.resolve(data).required ?? []).length === 0;
  const frame = object(
    { id: book.of(FrameId), event: { type: "string", const: name }, data },
    free ? ["id", "data"] : ["id"],
  );
  return { ...frame, additionalProperties: false };
}

export const answerPayload = (name: ClientFrameName, { book }: SocketParts): JsonSchema =>
  object({ id: book.of(FrameId), ok: { type: "boolean", const: true }, data: book.of(clientFrames[name].answer) });

/** An event as it stands on the wire (S3). */
export function eventPayload(
  name: string,
  { audience, durable, data }: EventDefinition,
  { book }: SocketParts,
): JsonSchema {
  const room: JsonSchema = { type: "string", pattern: `^${audience}:`, description: `\`${audience}:<id>\`` };
  const event: JsonSchema =
    name === "x_…" ? { type: "string", pattern: customEventName.source } : { type: "string", const: name };
  return object(
    {
      event,
      ...(audience !== "connection" && { room }),
      ...(durable && { seq: { type: "integer", minimum: 1 } }),
      at: { type: "string", format: "date-time", description: "Informs; only `seq` orders." },
      ...(durable && { actor: book.of(EventActor), mutation_id: book.of(MutationId) }),
      data: book.of(data),
    },
    ["actor", "mutation_id", ...(name === "x_…" ? ["seq"] : [])],
  );
}

/** The frame's data is an example that its own checks took. */
export const exampleOf = (payload: JsonSchema, data: z.ZodType, { examples }: SocketParts): Json => {
  const whole = examples.of(payload);
  return { ...(typeof whole === "object" ? whole : {}), data: examples.fitting(data) };
};

function message(name: string, about: string, payload: JsonSchema, data: z.ZodType, parts: SocketParts): Json {
  return {
    name,
    title: name,
    summary: about,
    contentType: "application/json",
    payload,
    examples: [{ payload: exampleOf(payload, data, parts) }],
  };
}

function frameMessages(name: ClientFrameName, parts: SocketParts): [string, Json][] {
  const { data, answer } = clientFrames[name];
  const about = `Answer to \`${name}\`.`;
  return [
    [name, message(name, frameSummaries[name], framePayload(name, parts), data, parts)],
    [`${name}_answer`, message(`${name}_answer`, about, answerPayload(name, parts), answer, parts)],
  ];
}

function eventMessage(name: string, event: EventDefinition, parts: SocketParts): Json {
  const kind = name === "x_…" ? "Durable, where it was published so" : event.durable ? "Durable" : "May be lost";
  const about = `${event.description} ${kind}; to ${audiences[event.audience]}.`;
  return message(name === "x_…" ? "custom_event" : name, about, eventPayload(name, event, parts), event.data, parts);
}

export const audiences = {
  project: "everybody who joined the project",
  user: "the person, on all their connections",
  connection: "this connection",
} as const;

function failureMessage({ book, examples }: SocketParts): Json {
  const payload = object({ id: book.of(FrameId), ok: { type: "boolean", const: false }, error: book.of(SocketError) });
  return {
    name: "failure",
    title: "failure",
    summary: "Answer to a frame that failed; without `id` the event `error` tells.",
    contentType: "application/json",
    payload,
    examples: [
      {
        payload: { ...(examples.of(payload) as Json), error: { code: "not_found", message: "there is no such task" } },
      },
    ],
  };
}
