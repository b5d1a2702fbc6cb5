/** Slugs made of a column's name, which its tasks carry as their status. */

/** Leaves room for a number within a slug's 64 characters. */
const lengthMax = 50;

/** `In progress` → `in_progress`; `column` for a name without latin letters or digits. */
function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "") // what is left of ä is a
    .toUpperCase() // which writes ß as SS
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .slice(0, lengthMax)
    .replace(/^_+|_+$/g, "");
  return slug === "" ? "column" : slug;
}

/** The greatest number among `slug` (1), `slug_2`, `slug_3` …; 0 where there is none of them. */
function lastNumber(slug: string, statuses: readonly string[]): number {
  const numbers = statuses.map((status) => {
    if (status === slug) return 1;
    const rest = status.startsWith(`${slug}_`) ? status.slice(slug.length + 1) : "";
    return /^[1-9]\d{0,5}$/.test(rest) ? Number(rest) : 0;
  });
  return Math.max(0, ...numbers);
}

const numbered = (slug: string, number: number): string => (number === 1 ? slug : `${slug}_${number}`);

/**
 * A slug for a new column of this name that none of `statuses` is. It gets the number after the greatest one, so that
 * `newestStatus` finds it again among the statuses after it.
 */
export function freeStatus(name: string, statuses: readonly string[]): string {
  const slug = slugOf(name);
  return numbered(slug, lastNumber(slug, statuses) + 1);
}

/** The slug that `freeStatus` made of this name, where it is among `statuses` and was the last one made. */
export function newestStatus(name: string, statuses: readonly string[]): string {
  const slug = slugOf(name);
  return numbered(slug, lastNumber(slug, statuses));
}
