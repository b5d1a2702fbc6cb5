/** Colours of labels: each stands out from a light ground and from a dark one by 3 : 1 at least. */

/** `name`: of the catalogue's words for it. */
export const labelColors = [
  { color: "#6e7781", name: "grey" },
  { color: "#d93036", name: "red" },
  { color: "#c2540a", name: "orange" },
  { color: "#9a6700", name: "amber" },
  { color: "#5f8a12", name: "olive" },
  { color: "#2d8a45", name: "green" },
  { color: "#0f8a7e", name: "teal" },
  { color: "#1f77d0", name: "blue" },
  { color: "#6366e8", name: "indigo" },
  { color: "#8f5be0", name: "violet" },
  { color: "#c94392", name: "pink" },
  { color: "#9a6444", name: "brown" },
] as const;

/** The first colour that the fewest labels have. */
export function freeColor(used: readonly string[]): string {
  const uses = (color: string) => used.filter((other) => other === color).length;
  const least = Math.min(...labelColors.map(({ color }) => uses(color)));
  return labelColors.find(({ color }) => uses(color) === least)?.color ?? labelColors[0].color;
}
