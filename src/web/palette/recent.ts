/** What was chosen in the palette last, in this browser. */
import { readStored, store } from "../stored.ts";

const name = "taskwire:recent";
const most = 8;

/** Ids, the latest first. */
export function recentIds(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(readStored(name) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    // It holds something else.
    return [];
  }
}

export function remember(id: string): void {
  const kept = [id, ...recentIds().filter((other) => other !== id)].slice(0, most);
  store(name, JSON.stringify(kept));
}
