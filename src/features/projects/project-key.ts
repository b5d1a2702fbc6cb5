/** Keys such as `WEB`, which stand before the numbers of a project's tasks. */

const lengthMax = 10;

/**
 * A key made of a project's name: the first letters of its words, or the beginning of its only word. At least two
 * characters, at most four; `PRJ` for a name without latin letters.
 */
export function keyOfName(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "") // what is left of ä is a
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .map((word) => word.replace(/^[0-9]+/, ""))
    .filter((word) => word !== "");
  const initials = words.map((word) => word.charAt(0)).join("");
  const key = (initials.length > 1 ? initials : (words[0] ?? "")).slice(0, initials.length > 1 ? 4 : 3);
  return key.length > 1 ? key : "PRJ";
}

/** `key` itself where it is free, else with the first number that makes it so. */
export function freeKey(key: string, taken: ReadonlySet<string>): string {
  if (!taken.has(key)) return key;
  for (let n = 2; ; n++) {
    const numbered = key.slice(0, lengthMax - String(n).length) + n;
    if (!taken.has(numbered)) return numbered;
  }
}
