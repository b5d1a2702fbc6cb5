/** A list that is read in pages, the newest first, while events add to it and change what it holds. */
import type { Clock } from "./clock.ts";
import { createLoad } from "./load.ts";
import type { Page } from "./loading.ts";
import { createCell, type Observable } from "./observable.ts";

export interface FeedOptions<Item> {
  /** The first page for null. Throws TaskwireError. */
  readonly load: (cursor: string | null) => Promise<Page<Item>>;
  readonly keyOf: (item: Item) => string | number;
  /** As the pages are ordered: negative where `a` is newer. */
  readonly compare: (a: Item, b: Item) => number;
  /** What is in sight changed. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface Feed<Item> {
  readonly hasMore: Observable<boolean>;
  /** The first page is here. */
  readonly loaded: Observable<boolean>;
  /** Newest first; null until the first page is here. */
  read(): Item[] | null;
  /** What is known of an item, be it in sight or not. */
  find(key: string | number): Item | undefined;
  /** An event told it: newer than what any page says that was asked for before. */
  put(item: Item): void;
  want(): void;
  /** The log did not reach back: what is there is replaced by a new first page. */
  reload(): void;
  retry(): void;
  loadMore(): Promise<void>;
  close(): void;
}

export function createFeed<Item>(options: FeedOptions<Item>): Feed<Item> {
  const { keyOf, compare } = options;
  const hasMore = createCell(false);
  const loaded = createCell(false);
  let listed: Map<string | number, Item> | undefined;
  let told = new Map<string | number, Item>();
  /** What events told since the question for a first page went out. */
  let toldSince = told;
  let cursor: string | null = null;
  /** The oldest item of the pages: what is older is not in sight while there is more. */
  let floor: Item | undefined;
  // Raised by each new first page: a further page of the earlier list does not fit it.
  let generation = 0;
  let loadingMore: Promise<void> | undefined;

  const addPage = (page: Page<Item>): void => {
    listed ??= new Map();
    for (const item of page.items) listed.set(keyOf(item), item);
    floor = page.items.at(-1) ?? floor;
    cursor = page.next_cursor;
    hasMore.set(cursor !== null);
    loaded.set(true);
    options.changed();
  };
  const load = createLoad({
    ask: () => options.load(null),
    begin() {
      toldSince = new Map();
    },
    use(page: Page<Item>) {
      generation++;
      listed = undefined;
      floor = undefined;
      told = toldSince;
      addPage(page);
    },
    clock: options.clock,
    random: options.random,
  });
  const more = async (from: string): Promise<void> => {
    const own = generation;
    const page = await options.load(from);
    if (own === generation) addPage(page);
  };
  const inSight = (item: Item): boolean => cursor === null || floor === undefined || compare(item, floor) <= 0;

  return {
    hasMore,
    loaded,
    read() {
      if (!listed) return null;
      const all = new Map(listed);
      for (const [key, item] of told) if (inSight(item)) all.set(key, item);
      return [...all.values()].sort(compare);
    },
    find: (key) => told.get(key) ?? listed?.get(key),
    put(item) {
      told.set(keyOf(item), item);
      toldSince.set(keyOf(item), item);
      if (listed) options.changed();
    },
    want: load.want,
    reload: load.reload,
    retry: load.retry,
    close: load.close,
    async loadMore() {
      if (cursor === null) return;
      loadingMore ??= more(cursor).finally(() => {
        loadingMore = undefined;
      });
      await loadingMore;
    },
  };
}
