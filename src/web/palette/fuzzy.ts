/** How well a text answers to what was typed. */

const isEdge = (text: string, at: number): boolean => at === 0 || /[\s\-_/:.]/.test(text[at - 1] ?? "");

/**
 * Higher is better, undefined: not at all. Every letter must be there in order; letters in a row and at the beginning of
 * words count more, long texts a little less.
 */
export function score(text: string, typed: string): number | undefined {
  const [where, what] = [text.toLowerCase(), typed.trim().toLowerCase()];
  if (what === "") return 0;
  const whole = where.indexOf(what);
  if (whole >= 0) return 1000 + (isEdge(where, whole) ? 500 : 0) + (whole === 0 ? 250 : 0) - where.length;
  return letters(where, what.replace(/\s+/g, ""));
}

/** From each place where the first letter stands, for the first one is not always the best. */
function letters(where: string, what: string): number | undefined {
  let best: number | undefined;
  for (let start = where.indexOf(what.charAt(0)); start >= 0; start = where.indexOf(what.charAt(0), start + 1)) {
    const found = lettersFrom(where, what, start);
    if (found === undefined) break;
    if (best === undefined || found > best) best = found;
  }
  return best;
}

function lettersFrom(where: string, what: string, start: number): number | undefined {
  let points = -where.length;
  let last = -2;
  let at = start;
  for (const letter of what) {
    at = where.indexOf(letter, at);
    if (at < 0) return undefined;
    points += at === last + 1 ? 20 : isEdge(where, at) ? 15 : 0;
    last = at++;
  }
  // Letters that are strewn all over are no answer.
  return last - start > what.length * 4 ? undefined : points;
}
