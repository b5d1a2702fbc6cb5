/** People, and the kinds of callers that act. */
import { z } from "zod";
import { MutationId } from "./ids.ts";
import { Line } from "./text.ts";

export const ActorKind = z.enum(["user", "key", "system"]);

/** Who did something, as it stands in every frame (S3). */
export const EventActor = z.object({ id: z.string(), name: z.string(), kind: ActorKind });
export type EventActor = z.infer<typeof EventActor>;

export const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().optional(),
  avatar_url: z.string().nullable(),
  role: z.enum(["admin", "user"]),
});
export type User = z.infer<typeof User>;

export const Me = User.extend({ time_zone: z.string(), locale: z.string() });
export type Me = z.infer<typeof Me>;

const knownTimeZone = (zone: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};
const knownLocale = (locale: string) => {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
};

export const UpdateMe = z
  .strictObject({
    name: Line(200),
    time_zone: z.string().max(64).refine(knownTimeZone, "is not a time zone such as Europe/Vienna"),
    locale: z.string().max(35).refine(knownLocale, "is not a language tag such as en-GB"),
    mutation_id: MutationId,
  })
  .partial();
export type UpdateMe = z.infer<typeof UpdateMe>;

/** Answer of `POST /api/token`. */
export const Token = z.object({ token: z.string(), expires_at: z.string() });
export type Token = z.infer<typeof Token>;
