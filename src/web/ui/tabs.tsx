/** Several panes in one place. With addresses they are links in a `nav`, without them tabs. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { follow } from "../route.ts";
import { CountBadge } from "./badge.tsx";

interface Link<Id extends string> {
  readonly id: Id;
  readonly text: string;
  readonly href: string;
}

/** Panes with an address each: settings. */
export function TabLinks<Id extends string>(props: {
  readonly label: string;
  readonly links: readonly Link<Id>[];
  readonly selected: Id;
}) {
  const list = useRef<HTMLElement>(null);
  useSelectedSeen(list, props.selected);
  return (
    <nav ref={list} class="tabs" aria-label={props.label}>
      {props.links.map(({ id, text, href }) => (
        <a
          key={id}
          class="tab"
          href={href}
          data-tab={id}
          aria-current={id === props.selected ? "page" : undefined}
          onClick={follow}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}

/** Where there is no room for all of them, the list is scrolled to the one that is shown. */
function useSelectedSeen(list: { readonly current: HTMLElement | null }, selected: string): void {
  useEffect(() => {
    const { current } = list;
    const tab = current?.querySelector(`[data-tab="${selected}"]`);
    if (!current || !tab) return;
    // Not by `scrollIntoView`: that scrolls what is around the list, too, down to a list that nobody asked for.
    const [around, inside] = [current.getBoundingClientRect(), tab.getBoundingClientRect()];
    current.scrollLeft += Math.max(0, inside.right - around.right) - Math.max(0, around.left - inside.left);
  }, [list, selected]);
}

interface Tab<Id extends string> {
  readonly id: Id;
  readonly text: string;
  /** How many things are in it. */
  readonly count?: number;
}

interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
  /** What the selected tab shows. */
  readonly children: ComponentChildren;
}

const steps: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowRight: (index, last) => (index === last ? 0 : index + 1),
  ArrowLeft: (index, last) => (index === 0 ? last : index - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/** Arrow keys go from tab to tab and select (the pattern of WAI-ARIA). */
export function Tabs<Id extends string>({ label, tabs, selected, onSelect, children }: TabsProps<Id>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  useSelectedSeen(list, selected);
  const step = (event: KeyboardEvent) => {
    const index = tabs.findIndex((tab) => tab.id === selected);
    const next = tabs[steps[event.key]?.(index, tabs.length - 1) ?? -1];
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <>
      <div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={step}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            class="tab"
            role="tab"
            id={`${id}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab.id === selected}
            aria-controls={`${id}-pane`}
            tabIndex={tab.id === selected ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.text}
            {tab.count !== undefined && <CountBadge count={tab.count} />}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-pane`} aria-labelledby={`${id}-${selected}`}>
        {children}
      </div>
    </>
  );
}
