/** The link of every mail: no caller, no limits, answered before the API. */
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";

const unsubscribing = {
  who: "anyone",
  tag: "notifications",
  path: "/unsubscribe",
  query: z.object({ person: z.string(), topic: z.string(), signature: z.string() }),
  answer: z.string(),
  media: "text/html",
  errors: ["not_found"],
} as const;

export const unsubscribeEndpoints = {
  askUnsubscribe: defineEndpoint({
    ...unsubscribing,
    method: "GET",
    summary: "The page behind the link of a mail: it asks first",
    description: "Links are in mails alone: their signature says who, and about what.",
  }),
  unsubscribe: defineEndpoint({
    ...unsubscribing,
    method: "POST",
    summary: "No more mail of that kind (RFC 8058)",
    description: "The body is not looked at. Doing it again changes nothing.",
  }),
};
