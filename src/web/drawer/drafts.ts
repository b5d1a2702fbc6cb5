/** What was typed and is not on the server yet, kept over a reload and the end of a session, for each person and task. */

/** The text an edit started from, and the version of the task that held it. */
export interface Base {
  readonly text: string;
  readonly version: number;
}

export interface Draft {
  readonly text: string;
  /** Absent where nothing was there before: a new comment. */
  readonly base?: Base;
}

/** The place of one draft. */
export interface DraftSlot {
  read(): Draft | undefined;
  write(draft: Draft): void;
  clear(): void;
}

export interface Drafts {
  /** `field`: `title`, `description`, `comment`, `comment:<id>`. */
  slot(taskId: string, field: string): DraftSlot;
  /** Every text kept for a task, by field. */
  ofTask(taskId: string): ReadonlyMap<string, string>;
}

/** The part of the browser's Storage that is needed. */
export type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const prefix = "taskwire.draft";
/** Older ones are forgotten: nobody comes back for them. */
const keptMs = 60 * 86_400_000;

interface Kept extends Draft {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A storage that is full, or that the browser denies, keeps nothing; typing goes on. */
export function createDrafts(storage: DraftStorage | undefined, personId: string, nowMs: () => number): Drafts {
  const start = `${prefix}:${personId}:`;
  const read = (key: string): Kept | undefined => (storage ? parse(attempt(() => storage.getItem(key))) : undefined);
  for (const key of storage ? keysOf(storage, start) : []) {
    const kept = read(key);
    if (!kept || kept.at < nowMs() - keptMs) attempt(() => storage?.removeItem(key));
  }
  return {
    slot(taskId, field) {
      const key = `${start}${taskId}:${field}`;
      return {
        read: () => read(key),
        write(draft) {
          const kept: Kept = { ...draft, at: nowMs() };
          attempt(() => storage?.setItem(key, JSON.stringify(kept)));
        },
        clear: () => void attempt(() => storage?.removeItem(key)),
      };
    },
    ofTask(taskId) {
      const own = `${start}${taskId}:`;
      const texts = new Map<string, string>();
      for (const key of storage ? keysOf(storage, own) : []) {
        const text = read(key)?.text ?? "";
        if (text.trim() !== "") texts.set(key.slice(own.length), text);
      }
      return texts;
    },
  };
}

function keysOf(storage: DraftStorage, start: string): string[] {
  const keys = attempt(() => Array.from({ length: storage.length }, (_, index) => storage.key(index)));
  return (keys ?? []).filter((key) => key?.startsWith(start)).map(String);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** Undefined for what is no draft: other versions of the page, other programs of the same origin. */
function parse(json: string | null | undefined): Kept | undefined {
  const kept: unknown = attempt(() => JSON.parse(json ?? "null"));
  if (typeof kept !== "object" || kept === null || !("text" in kept) || !("at" in kept)) return undefined;
  const { text, at } = kept;
  if (typeof text !== "string" || typeof at !== "number") return undefined;
  const base = "base" in kept ? baseOf(kept.base) : undefined;
  return { text, at, ...(base && { base }) };
}

function baseOf(base: unknown): Base | undefined {
  if (typeof base !== "object" || base === null || !("text" in base) || !("version" in base)) return undefined;
  const { text, version } = base;
  return typeof text === "string" && typeof version === "number" ? { text, version } : undefined;
}
