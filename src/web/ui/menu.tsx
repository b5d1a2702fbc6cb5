/** A button that opens a list of things to do: arrow keys, Home, End, first letters, Escape. */
import type { ComponentChildren, Ref } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Placement } from "./floating.ts";
import { Icon, type IconName } from "./icon.tsx";
import { Kbd } from "./kbd.tsx";
import { Popover } from "./popover.tsx";

export interface MenuItem {
  readonly text: string;
  readonly run: () => void;
  readonly icon?: IconName;
  /** Stands in front in place of an icon: an avatar, a coloured dot. */
  readonly mark?: ComponentChildren;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** For one of several: `true` shows a check mark. */
  readonly checked?: boolean;
}

/** Groups are separated by a line. */
export interface MenuGroup {
  readonly title?: string;
  readonly items: readonly MenuItem[];
}

/** What the button that opens a menu must carry. */
export interface TriggerProps {
  readonly ref: Ref<HTMLButtonElement>;
  readonly "aria-haspopup": "menu" | "dialog" | "listbox";
  readonly "aria-expanded": boolean;
  readonly onClick: () => void;
}

interface Props {
  readonly label: string;
  /** A function is asked while the menu is open: for menus that stand on hundreds of things. */
  readonly groups: readonly MenuGroup[] | (() => readonly MenuGroup[]);
  readonly trigger: (props: TriggerProps) => ComponentChildren;
  readonly placement?: Placement;
  readonly align?: "start" | "end";
  /** Above the items: who one is. */
  readonly header?: ComponentChildren;
}

export function Menu({ label, groups, trigger, placement = "below", align = "start", header }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      {trigger({
        ref: button,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        onClick: () => setOpen((was) => !was),
      })}
      {open && button.current && (
        <Popover
          anchor={button.current}
          label={label}
          role="menu"
          class="menu"
          placement={placement}
          align={align}
          close={() => setOpen(false)}
          onKeyDown={(event) => press(event, () => setOpen(false))}
        >
          {header && <div class="menu-header">{header}</div>}
          {(typeof groups === "function" ? groups() : groups)
            .filter(({ items }) => items.length > 0)
            .map((group, index) => (
              <Group key={group.title ?? index} group={group} close={() => setOpen(false)} />
            ))}
        </Popover>
      )}
    </>
  );
}

function Group({ group, close }: { readonly group: MenuGroup; readonly close: () => void }) {
  return (
    <div class="menu-group" {...{ role: "group" as const, "aria-label": group.title }}>
      {group.title !== undefined && (
        <p class="menu-title" aria-hidden="true">
          {group.title}
        </p>
      )}
      {group.items.map((item) => (
        <ItemView key={item.text} item={item} close={close} />
      ))}
    </div>
  );
}

function ItemView({ item, close }: { readonly item: MenuItem; readonly close: () => void }) {
  const { text, icon, mark, keys, danger, disabled = false, checked } = item;
  const role =
    checked === undefined ? { role: "menuitem" as const } : { role: "menuitemradio" as const, "aria-checked": checked };
  return (
    <button
      type="button"
      class="menu-item"
      {...role}
      aria-disabled={disabled || undefined}
      data-danger={danger || undefined}
      tabIndex={-1}
      data-autofocus={checked === true || undefined}
      onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
      onClick={() => {
        if (disabled) return;
        // First closed, so that the focus is back when the item moves it on.
        close();
        queueMicrotask(item.run);
      }}
    >
      {mark ?? (icon ? <Icon name={icon} /> : null)}
      <span class="menu-text">{text}</span>
      {keys !== undefined && <Kbd keys={keys} />}
      {checked === true && <Icon name="check" />}
    </button>
  );
}

function press(event: KeyboardEvent, close: () => void): void {
  if (!(event.currentTarget instanceof HTMLElement)) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(".menu-item")];
  const index = items.findIndex((item) => item.matches(":focus"));
  const next = nextItem(event, items, index);
  if (next) {
    event.preventDefault();
    next.focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    close();
  }
}

function nextItem({ key, ctrlKey, metaKey }: KeyboardEvent, items: readonly HTMLElement[], index: number) {
  if (key === "ArrowDown") return items[(index + 1) % items.length];
  if (key === "ArrowUp") return items[(Math.max(index, 0) - 1 + items.length) % items.length];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " " || ctrlKey || metaKey) return undefined;
  const turned = [...items.slice(index + 1), ...items.slice(0, index + 1)];
  const begins = (item: HTMLElement) =>
    item.querySelector(".menu-text")?.textContent?.toLowerCase().startsWith(key.toLowerCase());
  return turned.find(begins);
}
