/** Every event there is; types, validation and reference follow from this table. */
import type { z } from "zod";
import { commentEvents } from "./comments.ts";
import type { EventDefinition } from "./event.ts";
import { notificationEvents } from "./notifications.ts";
import { presenceEvents } from "./presence.ts";
import { projectEvents } from "./projects.ts";
import { sendingEvents } from "./sending.ts";
import { sessionEvents } from "./sessions.ts";
import { taskEvents } from "./tasks.ts";

export const events = {
  ...taskEvents,
  ...commentEvents,
  ...projectEvents,
  ...presenceEvents,
  ...sessionEvents,
  ...notificationEvents,
  ...sendingEvents,
} as const satisfies Record<string, EventDefinition>;

export type EventName = keyof typeof events;
export type EventData<Name extends EventName> = z.infer<(typeof events)[Name]["data"]>;
/** The events of the log: they carry `seq`, in a project's or a person's room. */
export type DurableEventName = {
  [Name in EventName]: (typeof events)[Name] extends { durable: true } ? Name : never;
}[EventName];
