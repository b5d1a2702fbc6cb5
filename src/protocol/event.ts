/** What an event is: its name, who hears it, whether it is kept, and the shape of its data. */
import { z } from "zod";
import { EventActor } from "./users.ts";

export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  /** `project` and `user` name the room that hears it; `connection` is one socket. */
  readonly audience: "project" | "user" | "connection";
  /** Durable events are in the log, carry `seq` and can be resumed; the others may be lost. */
  readonly durable: boolean;
  readonly data: Data;
  readonly description: string;
}

/** Declares an event; the catalogue collects them. Literal types survive, so names, audiences and data stay typed. */
export const defineEvent = <const Definition extends EventDefinition>(definition: Definition): Definition => definition;

/** A server frame (S3). Durable events carry `room` and `seq`. */
export const ServerFrame = z.object({
  event: z.string(),
  room: z.string().optional(),
  seq: z.int().optional(),
  at: z.string(),
  actor: EventActor.optional(),
  mutation_id: z.string().optional(),
  data: z.unknown(),
});
export type ServerFrame = z.infer<typeof ServerFrame>;

/** A durable event as `GET …/events` and the pages of S5 list it. */
export const LoggedEvent = ServerFrame.extend({ room: z.string(), seq: z.int() });
export type LoggedEvent = z.infer<typeof LoggedEvent>;
