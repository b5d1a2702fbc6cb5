/** The list of metrics in docs/operations.md, made from the table that `GET /metrics` is made from. */
import { metricTable } from "../src/core/metrics.ts";

const begin = "<!-- metrics: made by `bun run docs:generate` from src/core; do not edit -->";
const end = "<!-- end of metrics -->";

/** The page with its list made anew. Throws where its marks are missing. */
export function operationsPage(present: string): string {
  const [before, rest] = present.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error("docs/operations.md has lost the marks of its list");
  const rows = metricTable.map(
    ({ name, type, help, labels = [] }) => `| \`${name}\` | ${type} | ${labels.join(", ")} | ${help} |`,
  );
  const table = ["| metric | type | labels | meaning |", "|---|---|---|---|", ...rows];
  return `${before}${begin}\n\n${table.join("\n")}\n\n${end}${after}`;
}
