/** Lists in pages (H2): opaque cursors, and the page's JSON from its items' JSON. */
import type { z } from "zod";
import { RawJson } from "../core/raw-json.ts";
import { invalid } from "../protocol/errors.ts";

/** A position in a list, opaque to clients. */
export const encodeCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString("base64url");

/** Throws `invalid` for a cursor that this list did not make. */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string | undefined): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw invalid("cursor", "is not a cursor of this list");
  }
}

/** A page of a list from its items as JSON text. */
export const page = (items: readonly string[], nextCursor: string | null): RawJson =>
  new RawJson(`{"items":[${items.join(",")}],"next_cursor":${JSON.stringify(nextCursor)}}`);
