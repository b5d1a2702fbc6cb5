/** A colour, chosen from the palette. */
import { texts } from "../texts/index.ts";
import { ColorDot } from "../ui/badge.tsx";
import { Menu } from "../ui/menu.tsx";
import { labelColors } from "./colors.ts";

interface Props {
  readonly label: string;
  readonly color: string;
  readonly choose: (color: string) => void;
}

export function ColorMenu({ label, color, choose }: Props) {
  const items = labelColors.map((known) => ({
    text: texts.settings.labels.colors[known.name],
    mark: <ColorDot color={known.color} />,
    checked: known.color === color,
    run: () => choose(known.color),
  }));
  return (
    <Menu
      label={texts.settings.labels.color}
      groups={[{ items }]}
      trigger={(trigger) => (
        <button type="button" class="color-button" aria-label={label} title={label} {...trigger}>
          <ColorDot color={color} />
        </button>
      )}
    />
  );
}
