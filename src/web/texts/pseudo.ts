/** A language made from English for finding text that is in no catalogue: what shows without its brackets is hard-coded. */

const accents: Readonly<Record<string, string>> = {
  a: "á",
  c: "ç",
  d: "ð",
  e: "é",
  i: "í",
  n: "ñ",
  o: "ö",
  s: "š",
  u: "ü",
  y: "ý",
  z: "ž",
  A: "Å",
  C: "Ç",
  E: "É",
  I: "Î",
  N: "Ñ",
  O: "Ö",
  S: "Š",
  U: "Û",
  Y: "Ý",
  Z: "Ž",
};

/** Longer than English, as most languages are, so that what does not fit is seen too. */
function pseudoText(text: string): string {
  const accented = text.replace(/[a-zA-Z]/g, (letter) => accents[letter] ?? letter);
  return `⟦${accented}${"·".repeat(Math.ceil(text.length * 0.3))}⟧`;
}

/** The same catalogue with every text, and the answer of every function that makes one, in brackets. */
export function pseudo<Catalogue>(catalogue: Catalogue): Catalogue {
  // A text becomes a text, a function one with the same shape, a group a group: the type stays what it was.
  return convert(catalogue) as Catalogue;
}

function convert(value: unknown): unknown {
  if (typeof value === "string") return pseudoText(value);
  if (typeof value === "function") return (...given: unknown[]) => convert(value(...given));
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, convert(entry)]));
}
