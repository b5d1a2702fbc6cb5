/** Text for people: aligned columns, and nothing in them that a terminal would obey. */

export interface TableOptions {
  /** Columns of the terminal; a wider table has its widest columns cut. */
  readonly width?: number | undefined;
  /** How the titles are shown. */
  readonly title: (text: string) => string;
  /** How a whole row is shown, by its index. */
  readonly row?: (text: string, index: number) => string;
}

const gap = "  ";
const narrowest = 8;

/** A line of titles and one for each row; trailing spaces are left away. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, title, row = (text) => text }: TableOptions,
): string[] {
  const cells = [titles, ...rows].map((line) => line.map(printable));
  const widths = titles.map((_, column) => Math.max(...cells.map((line) => Bun.stringWidth(line[column] ?? ""))));
  shrink(widths, width);
  const lines = cells.map((line) =>
    line
      .map((cell, column) => fit(cell, widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
  return lines.map((line, index) => (index === 0 ? title(line) : row(line, index - 1)));
}

/** `name  value` lines. */
export function fields(
  pairs: readonly (readonly [name: string, value: string])[],
  show: (value: string) => string,
): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${gap}${show(printable(value))}`);
}

function shrink(widths: number[], limit: number): void {
  const sum = () => widths.reduce((all, width) => all + width, gap.length * (widths.length - 1));
  while (sum() > limit) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) return;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}

function fit(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text + " ".repeat(width - Bun.stringWidth(text));
  let cut = "";
  for (const { segment } of segments.segment(text)) {
    if (Bun.stringWidth(cut + segment) > width - 1) break;
    cut += segment;
  }
  return `${cut}…${" ".repeat(Math.max(0, width - 1 - Bun.stringWidth(cut)))}`;
}

const segments = new Intl.Segmenter();

/** A name that somebody chose may hold what moves a cursor or sets colours; it is shown, not obeyed. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_C}\u2028\u2029]/gu, "\uFFFD");
