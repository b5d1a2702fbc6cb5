/** Keys of programs: a person's rights, cut down to scopes and projects. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page, Scope } from "./endpoint.ts";
import { Id, InputTimestamp, MutationId } from "./ids.ts";
import { Line } from "./text.ts";

/** A key is `tw_`, ten characters that name it, `_` and 32 characters that only its holder knows. */
export const keyShape = /\btw_[\dA-Za-z]{10}_[\dA-Za-z]{32}\b/;

export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** The key's first characters, to know it by. */
  prefix: z.string(),
  scopes: z.array(Scope),
  /** Null: every project of its person. */
  project_ids: z.array(z.string()).nullable(),
  expires_at: z.string().nullable(),
  /** To the minute. */
  last_used_at: z.string().nullable(),
  created_at: z.string(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** `key` is shown this once: it is not kept. */
export const NewApiKey = ApiKey.extend({ key: z.string() });
export type NewApiKey = z.infer<typeof NewApiKey>;

const unique = <Item>(items: readonly Item[]): Item[] => [...new Set(items)];

export const CreateApiKey = z.strictObject({
  name: Line(200),
  scopes: z.array(Scope).min(1).max(Scope.options.length).transform(unique),
  project_ids: z.array(Id).min(1).max(100).transform(unique).nullish(),
  expires_at: InputTimestamp.nullish(),
  mutation_id: MutationId.optional(),
});
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** Living keys a person may have. */
export const keysMax = 100;

const ofPeople = { tag: "api keys", scope: "session" } as const;

export const apiKeyEndpoints = {
  listApiKeys: defineEndpoint({
    ...ofPeople,
    method: "GET",
    path: "/api/api-keys",
    summary: "The caller's API keys, without their secrets",
    description: "In the order in which they were made; expired ones too, until they are deleted.",
    query: ListQuery,
    answer: Page(ApiKey),
    errors: ["forbidden"],
  }),
  createApiKey: defineEndpoint({
    ...ofPeople,
    method: "POST",
    path: "/api/api-keys",
    summary: "Make an API key; it is shown this once",
    description: `A key may do what its person may, within its scopes and, with \`project_ids\`, within these projects: all others
are \`not_found\` to it. \`notifications:send\` takes an administrator. At most ${keysMax} keys a person. A retry with
the same mutation id is a \`conflict\` with the key as \`current\`, for its secret cannot be shown again: delete it and
make another.`,
    body: CreateApiKey,
    status: 201,
    answer: NewApiKey,
    errors: ["forbidden", "conflict", "idempotency_mismatch"],
  }),
  deleteApiKey: defineEndpoint({
    ...ofPeople,
    method: "DELETE",
    path: "/api/api-keys/:id",
    summary: "Delete an API key",
    description: "It fails from now on, its tokens too, and its connections are closed: within a second on every node.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};
