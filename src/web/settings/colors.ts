/** Colours of labels: each stands out from a light ground and from a dark one by 3 : 1 at least. */
import { texts } from "../texts/index.ts";

const names = texts.settings.labels.colors;

export const labelColors: readonly { readonly color: string; readonly name: string }[] = [
  { color: "#6e7781", name: names.grey },
  { color: "#d93036", name: names.red },
  { color: "#c2540a", name: names.orange },
  { color: "#9a6700", name: names.amber },
  { color: "#5f8a12", name: names.olive },
  { color: "#2d8a45", name: names.green },
  { color: "#0f8a7e", name: names.teal },
  { color: "#1f77d0", name: names.blue },
  { color: "#6366e8", name: names.indigo },
  { color: "#8f5be0", name: names.violet },
  { color: "#c94392", name: names.pink },
  { color: "#9a6444", name: names.brown },
];

/** The first colour that the fewest labels have. */
export function freeColor(used: readonly string[]): string {
  const uses = (color: string) => used.filter((other) => other === color).length;
  const least = Math.min(...labelColors.map(({ color }) => uses(color)));
  return labelColors.find(({ color }) => uses(color) === least)?.color ?? "#6e7781";
}
