/** A list that is searched by typing: for people, labels, tasks. One or several may be chosen. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { type Choice, fieldProps, optionProps } from "./listbox.ts";
import type { TriggerProps } from "./menu.tsx";
import { Popover } from "./popover.tsx";

export interface Option {
  readonly id: string;
  readonly text: string;
  /** Found by it too, and shown behind the text. */
  readonly hint?: string;
  /** In front: an avatar, a coloured dot. */
  readonly mark?: ComponentChildren;
}

interface Props {
  readonly label: string;
  readonly options: readonly Option[];
  /** Ids. */
  readonly selected: readonly string[];
  /** Chosen, or taken back where it was chosen before and several may be. */
  readonly onSelect: (id: string) => void;
  readonly multiple?: boolean;
  /** Said when nothing matches. */
  readonly emptyText: string;
  /** Makes an option of what was typed: `Create “web”`. */
  readonly create?: { readonly text: (typed: string) => string; readonly run: (typed: string) => void };
  /** More than these are not listed: whoever looks for one of them types on. */
  readonly most?: number;
  /** Told of what is typed, for options that are looked up elsewhere: `options` are then not filtered here. */
  readonly onType?: (typed: string) => void;
}

const createId = "\0create";

/** The input and its list, without anything around them. The focus stays in the input (`aria-activedescendant`). */
export function Combobox(props: Props) {
  const { label, selected, onSelect, multiple = false, emptyText, create, onType } = props;
  const id = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const shown = matching(props, typed);
  const index = Math.min(active, shown.length - 1);
  useEffect(() => {
    if (list.current) reveal(list.current, index);
  }, [index]);
  const choose = (option: Option | undefined) => {
    if (!option) return;
    if (option.id === createId) create?.run(typed.trim());
    else onSelect(option.id);
    if (typed !== "") type("");
  };
  const type = (text: string) => {
    setTyped(text);
    setActive(0);
    onType?.(text);
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const next = { ArrowDown: index + 1, ArrowUp: index - 1 }[event.key];
    if (next !== undefined) setActive((next + shown.length) % Math.max(shown.length, 1));
    else if (event.key === "Enter") choose(shown[index]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="combobox">
      <input
        class="input"
        {...fieldProps(label, id, shown[index] && `${id}-${index}`)}
        placeholder={label}
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
      />
      <div ref={list} id={id} class="options" role="listbox" aria-label={label} aria-multiselectable={multiple}>
        {shown.map((option, at) => (
          <OptionView
            key={option.id}
            id={`${id}-${at}`}
            option={option}
            active={at === index}
            selected={selected.includes(option.id)}
            point={() => setActive(at)}
            choose={() => choose(option)}
          />
        ))}
      </div>
      {shown.length === 0 && (
        <p class="options-empty quiet" role="status">
          {emptyText}
        </p>
      )}
    </div>
  );
}

/** Scrolls the list, and nothing around it. */
function reveal(list: HTMLElement, index: number): void {
  const option = list.children[index];
  if (!option) return;
  const [inside, around] = [option.getBoundingClientRect(), list.getBoundingClientRect()];
  if (inside.top < around.top) list.scrollTop += inside.top - around.top;
  if (inside.bottom > around.bottom) list.scrollTop += inside.bottom - around.bottom;
}

function OptionView({ option, ...choice }: Choice & { readonly option: Option }) {
  return (
    <div class="option" {...optionProps(choice)}>
      {option.mark}
      <span class="option-text">{option.text}</span>
      {option.hint !== undefined && <span class="quiet option-hint">{option.hint}</span>}
      {choice.selected && <Icon name="check" />}
    </div>
  );
}

/** Those that hold what was typed, those that begin with it first. */
function matching({ options, create, most = 50, onType }: Props, typed: string): readonly Option[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return options.slice(0, most);
  const rank = ({ text, hint = "" }: Option): number => {
    const at = text.toLowerCase().indexOf(wanted);
    if (at === 0) return 0;
    return at > 0 || hint.toLowerCase().includes(wanted) ? 1 : 2;
  };
  const found = onType
    ? [...options]
    : options.filter((option) => rank(option) < 2).sort((one, other) => rank(one) - rank(other));
  const shown = found.slice(0, most);
  const known = options.some(({ text }) => text.toLowerCase() === wanted);
  if (create && !known) shown.push({ id: createId, text: create.text(typed.trim()), mark: <Icon name="plus" /> });
  return shown;
}

interface PickerProps extends Props {
  readonly trigger: (props: TriggerProps) => ComponentChildren;
  readonly align?: "start" | "end";
}

/** A button that opens the list beside itself; with one choice it closes when that is made. */
export function Picker({ trigger, align = "start", ...list }: PickerProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      {trigger({
        ref: button,
        "aria-haspopup": "dialog",
        "aria-expanded": open,
        onClick: () => setOpen((was) => !was),
      })}
      {open && button.current && (
        <Popover anchor={button.current} label={list.label} class="picker" align={align} close={() => setOpen(false)}>
          <Combobox
            {...list}
            onSelect={(id) => {
              if (!list.multiple) setOpen(false);
              list.onSelect(id);
            }}
          />
        </Popover>
      )}
    </>
  );
}
