/** Text that PostgreSQL can hold: no NUL, no lone surrogate. Lengths are in UTF-16 units, as browsers count them. */
import { z } from "zod";

/** PostgreSQL stores neither; refusing them here keeps a bad string from becoming a 500 (or being changed silently). */
export const storable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** Any text up to `max`, empty allowed. */
export const Text = (max: number) => z.string().max(max).refine(storable, "holds characters that cannot be stored");

/** A name or title: trimmed, at least one character. */
export const Line = (max: number) =>
  z.string().trim().min(1).max(max).refine(storable, "holds characters that cannot be stored");
