/** The labels of a card, in the project's order. */
import { LabelBadge } from "../ui/badge.tsx";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly model: BoardModel;
  readonly ids: readonly string[];
}

export function Labels({ model, ids }: Props) {
  if (ids.length === 0) return null;
  const labels = [...model.labels.value.values()].filter(({ id }) => ids.includes(id));
  return (
    <ul class="labels">
      {labels.map(({ id, name, color }) => (
        <li key={id}>
          <LabelBadge name={name} color={color} />
        </li>
      ))}
    </ul>
  );
}
