/** People, and the kinds of callers that act. */
import { z } from "zod";
import { defineEndpoint, listQuery, Page } from "./endpoint.ts";
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

export const userEndpoints = {
  getMe: defineEndpoint({
    method: "GET",
    path: "/api/me",
    tag: "people",
    summary: "The caller",
    scope: "any",
    projects: "cut",
    answer: Me,
  }),
  updateMe: defineEndpoint({
    method: "PATCH",
    path: "/api/me",
    tag: "people",
    summary: "Change the caller's name, time zone or language",
    body: UpdateMe,
    answer: Me,
    errors: ["idempotency_mismatch"],
  }),
  listUsers: defineEndpoint({
    method: "GET",
    path: "/api/users",
    tag: "people",
    summary: "People who share a project with the caller; for administrators, everybody",
    description: "Ordered by name. `q` looks into names; for administrators also into addresses.",
    projects: "cut",
    query: z.strictObject({ ...listQuery, q: Line(200).optional() }),
    answer: Page(User),
  }),
  createToken: defineEndpoint({
    method: "POST",
    path: "/api/token",
    tag: "people",
    summary: "A token of 15 minutes for sockets and the API",
    description: `Made from a session cookie or an API key; not from another token. It may do what the session or the key may, and ends
with it.`,
    scope: "any",
    projects: "cut",
    answer: Token,
    errors: ["forbidden"],
  }),
};
