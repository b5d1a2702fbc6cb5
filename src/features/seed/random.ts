/** Chance that repeats itself: the same seed gives the same numbers, and the same ids. */

export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** 0 ≤ n < max, whole. */
  int(max: number): number;
  chance(probability: number): boolean;
  /** Exponentially distributed: most are short, some are long. */
  around(mean: number): number;
  /** Throws for an empty list. */
  pick<Item>(items: readonly Item[]): Item;
}

/** mulberry32, begun at a hash of `of`: each thing has numbers of its own, whatever was made before it. */
export function createRandom(...of: readonly (string | number)[]): Random {
  let state = Bun.hash.xxHash32(of.join(" ")) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (max: number): number => Math.floor(next() * max);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    around: (mean) => -Math.log(1 - next()) * mean,
    pick(items) {
      const item = items[int(items.length)];
      if (item === undefined) throw new Error("there is nothing to pick from");
      return item;
    },
  };
}

/** The same items in an order of chance (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const rest = [...items];
  const out: Item[] = [];
  while (rest.length > 0) out.push(...rest.splice(random.int(rest.length), 1));
  return out;
}

/** Before every id that is made of the time of day (version 7), behind the one that is all zeros. */
const firstOrder = 2 ** 40;

/**
 * The id of the seed's `order`-th thing of a kind (RFC 9562, version 8): the order in its first 48 bits, so that ids
 * sort as things were made and indexes grow at their end; the others are a hash, no secret.
 */
export function seedId(seed: number, kind: string, order: number, within = ""): string {
  const hash = Bun.hash.xxHash64(`${seed} ${kind} ${within} ${order}`).toString(16).padStart(16, "0");
  const head = (firstOrder + order).toString(16).padStart(12, "0");
  const middle = Bun.hash.xxHash32(`${seed} ${kind} ${within} ${order}`).toString(16).padStart(8, "0").slice(0, 3);
  const variant = (8 + (Number.parseInt(hash.charAt(0), 16) & 3)).toString(16);
  return `${head.slice(0, 8)}-${head.slice(8)}-8${middle}-${variant}${hash.slice(1, 4)}-${hash.slice(4)}`;
}
