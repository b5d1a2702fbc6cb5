/** A list whose focus stays in the field above it (`aria-activedescendant`): what its field and its options carry. */

/** Of the field; `active`: the id of the option that Enter chooses. */
export const fieldProps = (label: string, listId: string, active: string | undefined) =>
  ({
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "true",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-activedescendant": active,
    autocomplete: "off",
    "data-autofocus": true,
  }) as const;

export interface Choice {
  readonly id: string;
  /** The one that Enter chooses. */
  readonly active: boolean;
  readonly selected: boolean;
  /** The pointer is on it. */
  readonly point: () => void;
  readonly choose: () => void;
}

/** Of an option. The keyboard reaches it through the field, from which a press of the pointer takes no focus. */
export const optionProps = ({ id, active, selected, point, choose }: Choice) =>
  ({
    id,
    role: "option",
    "aria-selected": selected,
    tabIndex: -1,
    "data-active": active || undefined,
    onPointerMove: point,
    onPointerDown: (event: PointerEvent) => event.preventDefault(),
    onClick: choose,
  }) as const;
