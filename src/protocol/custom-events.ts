/** Events of applications: names that begin with `x_`, data that we carry and do not look into. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { MutationId } from "./ids.ts";

export const customEventName = /^x_[a-z0-9_]{1,62}$/;
const nameRule = "is x_ and 1 to 62 of a-z, 0-9, _";
export const CustomEventName = z
  .templateLiteral(["x_", z.string()], nameRule)
  .check(z.refine((name) => customEventName.test(name), nameRule));
export type CustomEventName = z.infer<typeof CustomEventName>;

/** Every `x_…` event is this one; it is not in the catalogue, which is a list of names. */
export const customEvent = defineEvent({
  audience: "project",
  durable: true,
  description:
    "An application's own event, by `POST /api/projects/:id/events`. With `durable: false` it has no `seq` and may be lost.",
  data: z.record(z.string(), z.unknown()),
});

export type CustomEventData = z.infer<typeof customEvent.data>;

const dataMaxBytes = 16 * 1024;
/** Of one request. */
export const customEventsMax = 100;

/** In JSON text: the escape of NUL or of half a character, which JSON can write and PostgreSQL cannot read. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** Bounds what writing it out costs: a text of brackets alone would hold the server for a second. */
const depthMax = 64;

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1)));

const CustomData = customEvent.data.superRefine((data, { addIssue }) => {
  const refuse = (message: string) => addIssue({ code: "custom", message });
  if (isDeeper(data, depthMax)) return refuse(`is nested more than ${depthMax} levels deep`);
  const text = JSON.stringify(data);
  if (new TextEncoder().encode(text).byteLength > dataMaxBytes) refuse("takes at most 16 KiB as JSON");
  else if (unstorable.test(text)) refuse("holds characters that cannot be stored");
});

const CustomEvent = z.strictObject({ event: CustomEventName, data: CustomData, durable: z.boolean().default(true) });
export type CustomEvent = z.infer<typeof CustomEvent>;

/** One event, or several as `events`. */
export const PublishEvents = z
  .strictObject({
    event: CustomEventName.optional(),
    data: CustomData.optional(),
    durable: z.boolean().optional(),
    events: z.array(CustomEvent).min(1).max(customEventsMax).optional(),
    mutation_id: MutationId.optional(),
  })
  .transform(({ event, data, durable, events, mutation_id }, { addIssue }) => {
    const refuse = (path: string, message: string) => {
      addIssue({ code: "custom", path: [path], message });
      return z.NEVER;
    };
    if (events) {
      if (event === undefined && data === undefined && durable === undefined) return { events, mutation_id };
      return refuse("events", "stands alone: give either one event or `events`");
    }
    if (event === undefined) return refuse("event", "is missing");
    if (data === undefined) return refuse("data", "is missing");
    return { events: [{ event, data, durable: durable ?? true }], mutation_id };
  });
export type PublishEvents = z.infer<typeof PublishEvents>;

/** The events in the order in which they were given; `seq` of the durable ones. */
export const PublishedEvents = z.object({
  events: z.array(z.object({ event: z.string(), seq: z.int().optional() })),
});
export type PublishedEvents = z.infer<typeof PublishedEvents>;

export const customEventEndpoints = {
  publishEvents: defineEndpoint({
    method: "POST",
    path: "/api/projects/:id/events",
    tag: "events",
    summary: "Publish an application's own events to a project's room",
    description: `Takes the role member. One event as \`event\`, \`data\`, \`durable\`, or up to ${customEventsMax} as \`events\`, all
or none: the durable ones are told first, then the others, each kind in this order. Names are \`x_\` and 1 to 62 of a-z, 0-9
and _; data is an object of at most 16 KiB as JSON. Durable events are in the project's log, with a \`seq\`; with
\`durable: false\` an event reaches those connected now, and may be lost (between servers, beyond 7 KiB, it is).`,
    scope: "events:publish",
    body: PublishEvents,
    status: 201,
    answer: PublishedEvents,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
