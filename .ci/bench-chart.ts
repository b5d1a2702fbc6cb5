/** Bar charts as SVG: text as text, in the reader's light or dark. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands at its end. */
  readonly said: string;
  readonly colour: "ours" | "beside" | "missed";
}

export interface Chart {
  readonly title: string;
  /** What the length of a bar is. */
  readonly unit: string;
  /** Bars under a heading of their own. */
  readonly groups: readonly { readonly name: string; readonly bars: readonly Bar[] }[];
  /** A line across, and what it means. */
  readonly mark?: { readonly value: number; readonly said: string };
  readonly legend: readonly { readonly colour: Bar["colour"]; readonly said: string }[];
}

const width = 820;
const labelWidth = 330;
/** For what is said at the end of the longest bar. */
const endWidth = 130;
const barHeight = 16;
const step = 22;
const top = 64;
const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .group { font-weight: 600; }
  .ours { fill: #1a7f6b; } .beside { fill: #8c959f; } .missed { fill: #b3541e; }
  .mark { stroke: #1f2328; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .quiet { fill: #9198a1; } .mark { stroke: #e6edf3; }
    .ours { fill: #3fb99f; } .beside { fill: #6e7681; } .missed { fill: #e08a54; }
  }`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter] ?? letter);

const text = (x: number, y: number, said: string, more = ""): string =>
  `<text x="${Math.round(x)}" y="${y}"${more}>${escaped(said)}</text>`;

/** The chart as the text of an SVG file. The longest bar fills the width. */
export function drawChart({ title, unit, groups, mark, legend }: Chart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const most = Math.max(mark?.value ?? 0, ...values);
  const lengthOf = (value: number): number => (value / most) * (width - labelWidth - endWidth);
  const parts: string[] = [];
  let y = top;
  for (const { name, bars } of groups) {
    parts.push(text(12, y + 13, name, ' class="group"'));
    y += step;
    for (const { label, value, said, colour } of bars) {
      const length = lengthOf(value).toFixed(1);
      parts.push(
        text(labelWidth - 8, y + 13, label, ' text-anchor="end"'),
        `<rect class="${colour}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`,
        text(labelWidth + Number(length) + 6, y + 13, said),
      );
      y += step;
    }
    y += 6;
  }
  if (mark) parts.push(...markAt(labelWidth + lengthOf(mark.value), y, mark.said));
  const height = y + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title><style>${style}\n</style>`,
    text(12, 24, title, ' class="title"'),
    text(12, 44, unit, ' class="quiet"'),
    ...legendOf(legend),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

const markAt = (x: number, bottom: number, said: string): string[] => [
  `<line class="mark" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${top}" y2="${bottom}"/>`,
  text(x, bottom + 14, said, ' text-anchor="middle" class="quiet"'),
];

const legendOf = (legend: Chart["legend"]): string[] =>
  legend.flatMap(({ colour, said }, i) => {
    const x = width - (legend.length - i) * 150;
    return [
      `<rect class="${colour}" x="${x}" y="14" width="12" height="12" rx="2"/>`,
      text(x + 18, 25, said, ' class="quiet"'),
    ];
  });
