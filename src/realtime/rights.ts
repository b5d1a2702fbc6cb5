/** What a caller may do at all, before anybody looks at what it is about: administrators, and the limits of API keys. */
import type { Actor } from "../db/context.ts";
import type { Scope } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";

/** Throws `forbidden` for all but administrators of the server. */
export function requireAdministrator(actor: Actor): void {
  if (actor.role !== "admin") throw new AppError("forbidden", "this takes an administrator of the server");
}

/** Throws `forbidden` for a key without the scope; people have every scope. `session`: no key will do; `any`: every one. */
export function requireScope({ key }: Actor, scope: Scope | "session" | "any"): void {
  if (!key || scope === "any") return;
  if (scope === "session") throw new AppError("forbidden", "no key may do this; sign in");
  if (key.scopes.has(scope)) return;
  throw new AppError(
    "forbidden",
    `this takes a key with the scope ${scope}; this one has ${[...key.scopes].join(", ")}`,
  );
}

/** Is the caller a key for certain projects? */
export const isHeld = ({ key }: Actor): boolean => key !== undefined && key.projectIds !== null;

/** Throws `not_found` for a key that is for other projects: it is a stranger here. `undefined` is no project at all. */
export function requireKeyProject({ key }: Actor, projectId: string | undefined): void {
  if (!key?.projectIds || (projectId !== undefined && key.projectIds.has(projectId))) return;
  throw new AppError("not_found", "there is nothing here, or this key is for other projects");
}

/** Throws `forbidden`: what a key for certain projects asked is of no certain project. */
export function refuseHeldKey(): never {
  throw new AppError("forbidden", "this key is for certain projects, and this is not of one of them");
}

/** For a list's SQL: the projects a key is for, as the text of a `uuid[]`; null for everybody else. */
export const projectsOfKey = ({ key }: Actor): string | null =>
  key?.projectIds ? `{${[...key.projectIds].join()}}` : null;
