/** Two texts made of one, line by line: what only one of them changed is taken, what both changed is kept of both. */

export interface Merged {
  readonly text: string;
  /** No place was changed by both: nothing is left to decide. */
  readonly clean: boolean;
}

/** Lines compared at most, one text's times the other's: beyond it both texts are kept whole. */
const comparisonsMost = 4_000_000;

/** Three-way merge after diff3 (Khanna, Kunal, Pierce: A Formal Investigation of Diff3). */
export function mergeTexts(base: string, mine: string, theirs: string): Merged {
  const [b, m, t] = [base.split("\n"), mine.split("\n"), theirs.split("\n")];
  const toMine = matches(b, m);
  const toTheirs = matches(b, t);
  if (!toMine || !toTheirs) return { text: both(m, t).join("\n"), clean: false };
  const lines: string[] = [];
  let clean = true;
  let [atBase, atMine, atTheirs] = [0, 0, 0];
  const hunk = (endBase: number, endMine: number, endTheirs: number): void => {
    const [ofBase, ofMine, ofTheirs] = [
      b.slice(atBase, endBase),
      m.slice(atMine, endMine),
      t.slice(atTheirs, endTheirs),
    ];
    if (same(ofMine, ofTheirs) || same(ofTheirs, ofBase)) lines.push(...ofMine);
    else if (same(ofMine, ofBase)) lines.push(...ofTheirs);
    else {
      clean = false;
      lines.push(...both(ofMine, ofTheirs));
    }
  };
  for (let index = 0; index < b.length; index++) {
    const [inMine, inTheirs] = [toMine[index], toTheirs[index]];
    if (inMine === undefined || inTheirs === undefined) continue;
    hunk(index, inMine, inTheirs);
    lines.push(b[index] ?? "");
    [atBase, atMine, atTheirs] = [index + 1, inMine + 1, inTheirs + 1];
  }
  hunk(b.length, m.length, t.length);
  return { text: lines.join("\n"), clean };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index]);

const both = (mine: readonly string[], theirs: readonly string[]): string[] => [...mine, ...theirs];

/** For each line of `a` its place in `b`, of a longest common subsequence; undefined where the texts are too long. */
function matches(a: readonly string[], b: readonly string[]): (number | undefined)[] | undefined {
  if (a.length * b.length > comparisonsMost) return undefined;
  const width = b.length + 1;
  /** At row i, column j: the length of the longest common subsequence of a[i…] and b[j…]. */
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const places: (number | undefined)[] = new Array(a.length).fill(undefined);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) places[i++] = j++;
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return places;
}
