/** What was chosen in the palette last, in this browser. */

const name = "taskwire:recent";
const most = 8;

/** Ids, the latest first. */
export function recentIds(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    // Storage may be forbidden, or hold something else.
    return [];
  }
}

export function remember(id: string): void {
  const kept = [id, ...recentIds().filter((other) => other !== id)].slice(0, most);
  try {
    localStorage.setItem(name, JSON.stringify(kept));
  } catch {
    // As above.
  }
}
