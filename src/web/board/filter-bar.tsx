/** Which cards are shown: text, people, labels, due date. It is kept in the address, so a link shows the same. */
import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useId, useRef } from "preact/hooks";
import { useShortcut } from "../palette/shortcuts.ts";
import { query, setQuery } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { ColorDot } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { type Option, Picker } from "../ui/combobox.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Menu } from "../ui/menu.tsx";
import type { Board } from "./context.ts";
import {
  archiveQuery,
  dueChoices,
  type Filter,
  isFiltering,
  nobody,
  noFilter,
  queryWith,
  showsArchive,
} from "./filter.ts";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
}

const words = texts.board.filter;

const setFilter = (model: BoardModel, change: Partial<Filter>): void =>
  setQuery(queryWith({ ...model.filter.peek(), ...change }, query.peek()));

const toggled = (ids: readonly string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];

export function FilterBar({ board, model }: Props) {
  const isOpen = useSignal(false);
  const choices = useId();
  return (
    <search class="filter-bar" aria-label={words.title}>
      <TextFilter model={model} />
      <Fold model={model} controls={choices} isOpen={isOpen} />
      <div id={choices} class="filter-choices" data-open={isOpen.value || undefined}>
        <PeopleFilter board={board} model={model} />
        <LabelFilter model={model} />
        <DueFilter model={model} />
        <ArchiveButton />
        {isFiltering(model.filter.value) && (
          <Button kind="ghost" size="small" onClick={() => setFilter(model, noFilter)}>
            {words.clear}
          </Button>
        )}
      </div>
      {!showsArchive(query.value) && <Hidden model={model} />}
    </search>
  );
}

interface FoldProps {
  readonly model: BoardModel;
  readonly controls: string;
  readonly isOpen: Signal<boolean>;
}

/** In a narrow window the choices are folded away under it; it counts those that are made. */
function Fold({ model, controls, isOpen }: FoldProps) {
  const { people, labels, due } = model.filter.value;
  const made = [people.length > 0, labels.length > 0, due !== null, showsArchive(query.value)].filter(Boolean).length;
  return (
    <Button
      kind="ghost"
      size="small"
      icon="filter"
      class="filter-button filter-fold"
      data-on={made > 0 || undefined}
      aria-expanded={isOpen.value}
      aria-controls={controls}
      onClick={() => (isOpen.value = !isOpen.peek())}
    >
      {words.fold(made)}
    </Button>
  );
}

function TextFilter({ model }: { readonly model: BoardModel }) {
  const input = useRef<HTMLInputElement>(null);
  const { text } = model.filter.value;
  useShortcut("f", words.focus, () => input.current?.select(), { group: texts.board.shortcuts });
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    // First what was typed goes, then the keyboard goes back to the board.
    if (event.currentTarget.value !== "") return setFilter(model, { text: "" });
    const stop = model.tabStop.peek();
    if (stop === null) event.currentTarget.blur();
    else model.focus.to(stop);
  };
  return (
    <span class="filter-text">
      <Icon name="search" />
      <input
        ref={input}
        class="input"
        type="text"
        inputMode="search"
        aria-label={words.text}
        placeholder={words.text}
        autocomplete="off"
        value={text}
        onInput={(event) => setFilter(model, { text: event.currentTarget.value })}
        onKeyDown={press}
      />
      {text !== "" && (
        <IconButton icon="close" size="small" label={words.clearText} onClick={() => setFilter(model, { text: "" })} />
      )}
    </span>
  );
}

function PeopleFilter({ board, model }: Props) {
  const { people } = model.filter.value;
  const members = [...board.members.values()].map(({ user }) => ({
    id: user.id,
    text: user.id === board.me.id ? texts.common.you(user.name) : user.name,
    mark: <Avatar person={user} size={20} decorative />,
  }));
  const own = (option: Option) => (option.id === board.me.id ? 0 : 1);
  const options = [...members.sort((a, b) => own(a) - own(b)), { id: nobody, text: words.nobody }];
  return (
    <ListFilter
      icon="person"
      name={words.people}
      options={options}
      selected={people}
      select={(id) => setFilter(model, { people: toggled(people, id) })}
    />
  );
}

function LabelFilter({ model }: Pick<Props, "model">) {
  const { labels } = model.filter.value;
  const options = [...model.labels.value.values()].map(({ id, name, color }) => ({
    id,
    text: name,
    mark: <ColorDot color={color} />,
  }));
  if (options.length === 0) return null;
  return (
    <ListFilter
      icon="label"
      name={words.labels}
      options={options}
      selected={labels}
      select={(id) => setFilter(model, { labels: toggled(labels, id) })}
    />
  );
}

interface ListFilterProps {
  readonly icon: IconName;
  readonly name: string;
  readonly options: readonly Option[];
  readonly selected: readonly string[];
  readonly select: (id: string) => void;
}

/** The button says what is chosen. */
function ListFilter({ icon, name, options, selected, select }: ListFilterProps) {
  const chosen = options.filter(({ id }) => selected.includes(id)).map(({ text }) => text);
  const [first] = chosen;
  const shown = first === undefined ? name : chosen.length === 1 ? first : words.several(name, chosen.length);
  return (
    <Picker
      label={name}
      options={options}
      selected={selected}
      multiple
      onSelect={select}
      emptyText={texts.common.noMatch}
      trigger={(props) => (
        <FilterButton icon={icon} name={name} shown={shown} isOn={chosen.length > 0} trigger={props} />
      )}
    />
  );
}

function DueFilter({ model }: Pick<Props, "model">) {
  const due = useComputed(() => model.filter.value.due).value;
  const items = [null, ...dueChoices].map((choice) => ({
    text: choice === null ? words.anyDue : words.due[choice],
    checked: due === choice,
    run: () => setFilter(model, { due: choice }),
  }));
  const shown = due === null ? words.dueDate : words.due[due];
  return (
    <Menu
      label={words.dueDate}
      groups={[{ items }]}
      trigger={(props) => (
        <FilterButton icon="calendar" name={words.dueDate} shown={shown} isOn={due !== null} trigger={props} />
      )}
    />
  );
}

interface FilterButtonProps {
  readonly icon: IconName;
  readonly name: string;
  readonly shown: string;
  readonly isOn: boolean;
  readonly trigger: object;
}

function FilterButton({ icon, name, shown, isOn, trigger }: FilterButtonProps) {
  return (
    <Button
      {...trigger}
      kind="ghost"
      size="small"
      icon={icon}
      class="filter-button"
      data-on={isOn || undefined}
      aria-label={isOn ? words.isOn(name, shown) : name}
    >
      <span class="filter-word">{shown}</span>
    </Button>
  );
}

/** Archived tasks in the place of the board, and back. */
function ArchiveButton() {
  const shown = showsArchive(query.value);
  return (
    <Button
      kind="ghost"
      size="small"
      icon="archive"
      class="filter-button"
      data-on={shown || undefined}
      aria-pressed={shown}
      onClick={() => setQuery(archiveQuery(!shown, query.peek()))}
    >
      <span class="filter-word">{texts.board.archive.show}</span>
    </Button>
  );
}

/** How many cards the filter hides: read out when it changes. */
function Hidden({ model }: Pick<Props, "model">) {
  const hidden = useComputed(() => model.lists.value.hidden).value;
  return (
    <span class="filter-hidden quiet" role="status">
      {hidden > 0 && words.hidden(hidden)}
    </span>
  );
}
