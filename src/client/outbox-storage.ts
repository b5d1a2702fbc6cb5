/**
 * The outbox beyond the end of the page, in IndexedDB. Each window keeps its own writes and takes over those of windows
 * that are gone: while it lives it holds a Web Lock of its name, which tells the others. Where there are no Web Locks (pages
 * without TLS) it takes all there are; then two windows may send the same write, which its mutation id makes harmless, for
 * each sends in the same order and the server applies it once.
 */
import { createId } from "./ids.ts";
import type { Write } from "./optimistic.ts";

export interface OutboxStorage {
  /**
   * This person's writes that no living window holds, oldest first; they are this window's from now on. `later` is called when
   * one that holds others is gone: then there is more to take.
   */
  take(owner: string, later: () => void): Promise<readonly Write[]>;
  /** Keeps it, or keeps it anew. */
  put(owner: string, write: Write): void;
  remove(mutationId: string): void;
  close(): void;
}

interface Row {
  readonly mutationId: string;
  readonly owner: string;
  readonly window: string;
  /** Rises with every write of a window; between windows the time decides. */
  readonly order: number;
  readonly write: Write;
}

export interface StorageParts {
  readonly indexedDB: IDBFactory;
  /** Absent where the page is not a secure context. */
  readonly locks?: LockManager | undefined;
}

const rows = "writes";
const version = 1;
const lockPrefix = "taskwire-outbox ";

/** What this runtime has; undefined where there is no IndexedDB at all. */
export function storageParts(): StorageParts | undefined {
  try {
    // Some browsers throw at the mere name where storage is forbidden.
    const { indexedDB, navigator } = globalThis;
    return indexedDB ? { indexedDB, locks: navigator?.locks } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * `server` keeps the writes of several servers apart. Never throws and never rejects: where the browser refuses, it is as
 * if nothing had been kept.
 */
export function openOutboxStorage(
  { indexedDB, locks }: StorageParts,
  server: string,
  nowMs: () => number,
): OutboxStorage {
  const window = createId(nowMs());
  const database = openDatabase(indexedDB).catch(() => undefined);
  const hold = holdLock(locks, lockPrefix + window);
  const closing = new AbortController();
  const orders = new Map<string, number>();
  let last = 0;
  // One after the other: a write is not removed before it is there.
  let queue: Promise<unknown> = hold.held;
  const run = <T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T | undefined> => {
    const next = queue.then(async () => {
      const open = await database;
      return open && (await transact(open, work));
    });
    queue = next.catch(() => {});
    return next.catch(() => undefined);
  };
  const orderOf = ({ mutationId, madeAtMs }: Write): number => {
    const known = orders.get(mutationId);
    if (known !== undefined) return known;
    last = Math.max(madeAtMs, last + 0.001);
    orders.set(mutationId, last);
    return last;
  };
  const watched = new Set<string>();
  /** Its name can be had when it is gone. The one that was just closed or reloaded may still be among those that live. */
  const watch = (other: string, gone: () => void): void => {
    if (!locks || watched.has(other)) return;
    watched.add(other);
    const end = () => void watched.delete(other);
    locks.request(lockPrefix + other, { signal: closing.signal }, end).then(gone, end);
  };
  const ownerKey = (owner: string): string => `${server} ${owner}`;

  return {
    async take(owner, later) {
      const alive = await livingWindows(locks);
      const left = await run(async (store) => {
        const all: Row[] = await requested(store.index("owner").getAll(ownerKey(owner)));
        const others = all.filter((row) => row.window !== window);
        const orphans = others.filter((row) => !alive?.has(row.window));
        for (const row of others) if (alive?.has(row.window)) watch(row.window, later);
        for (const row of orphans) store.put({ ...row, window } satisfies Row);
        return orphans.sort((a, b) => a.order - b.order);
      });
      for (const { mutationId, order } of left ?? []) orders.set(mutationId, order);
      return (left ?? []).map(({ write }) => write);
    },
    put(owner, write) {
      const { mutationId } = write;
      const row: Row = { mutationId, owner: ownerKey(owner), window, order: orderOf(write), write };
      void run((store) => requested(store.put(row)));
    },
    remove(mutationId) {
      orders.delete(mutationId);
      void run((store) => requested(store.delete(mutationId)));
    },
    close() {
      closing.abort();
      void queue.then(async () => {
        (await database)?.close();
        hold.release();
      });
    },
  };
}

// Async, so that a browser that throws at once refuses like any other.
async function openDatabase(indexedDB: IDBFactory): Promise<IDBDatabase> {
  const opening = indexedDB.open("taskwire-outbox", version);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(rows, { keyPath: "mutationId" }).createIndex("owner", "owner");
  };
  return requested(opening);
}

function requested<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Settles when it is committed. */
function transact<T>(database: IDBDatabase, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const transaction = database.transaction(rows, "readwrite");
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  return Promise.all([work(transaction.objectStore(rows)), done]).then(([answer]) => answer);
}

/** Held until released, or until the page is gone. */
function holdLock(locks: LockManager | undefined, name: string): { held: Promise<void>; release: () => void } {
  let release: () => void = () => {};
  if (!locks) return { held: Promise.resolve(), release };
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held = new Promise<void>((resolve) => {
    const wait = locks.request(name, () => {
      resolve();
      return released;
    });
    wait.catch(() => resolve());
  });
  return { held, release };
}

/** Windows that live; undefined where nobody knows. */
async function livingWindows(locks: LockManager | undefined): Promise<ReadonlySet<string> | undefined> {
  try {
    const snapshot = await locks?.query();
    const names = snapshot?.held?.map(({ name = "" }) => name.slice(lockPrefix.length));
    return names && new Set(names);
  } catch {
    return undefined;
  }
}
