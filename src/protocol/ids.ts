/** Ids, times and the small scalars every resource is made of. */
import { z } from "zod";
import { storable } from "./text.ts";

/** A UUID in lower case; made by the server as UUIDv7, clients may bring their own (any version). */
export const Id = z.uuid().transform((id) => id.toLowerCase());

/** RFC 3339 in UTC with milliseconds, as the server writes it. */
export const Timestamp = z.iso.datetime();

// PostgreSQL's calendar has no year 0, and our format four digits; an offset can push a date over either end.
const storableDate = (date: Date): boolean => date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999;

/** RFC 3339 with any offset, as clients may send it; becomes UTC with milliseconds. */
export const InputTimestamp = z.iso
  .datetime({ offset: true })
  // Aborted, for the checks of the whole body must not meet what was not transformed.
  .refine((text) => storableDate(new Date(text)), { message: "is not in the years 1 to 9999", abort: true })
  .transform((text) => new Date(text).toISOString());

/** A key under which a retried write is applied once (H4). */
export const MutationId = z.string().min(1).max(200).refine(storable, "holds characters that cannot be stored");

/** A position in one room's log. The epoch changes when the log was restored from a backup. */
export const Since = z.strictObject({ epoch: z.string().min(1).max(64), seq: z.int().min(0) });
export type Since = z.infer<typeof Since>;
