/** A text field in which an @ offers the people of the project. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol/users.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { type Asked, askedAt, complete, suggest } from "./mentions.ts";
import { useGrowing } from "./title-field.tsx";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly people: readonly User[];
  readonly onType: (value: string) => void;
  readonly onBlur?: () => void;
  readonly placeholder?: string;
  readonly maxLength: number;
  readonly rows?: number;
  /** It takes the focus when it appears, the caret at the end. */
  readonly focus?: boolean;
}

export function MentionArea(props: Props) {
  const { label, value, people, onType, onBlur, placeholder, maxLength, rows = 3, focus = false } = props;
  const own = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const mention = useMention(own, people, onType);
  useGrowing(own);
  useEffect(() => {
    if (!focus) return;
    own.current?.focus();
    own.current?.setSelectionRange(own.current.value.length, own.current.value.length);
  }, [focus]);
  const { found, index } = mention;
  const listed = found.length > 0;
  return (
    <div class="mention-area">
      <textarea
        ref={own}
        class="input"
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={listed ? id : undefined}
        aria-activedescendant={listed ? `${id}-${index}` : undefined}
        placeholder={placeholder}
        maxLength={maxLength}
        rows={rows}
        value={value}
        onInput={(event) => {
          onType(event.currentTarget.value);
          mention.look();
        }}
        onKeyDown={mention.press}
        onClick={mention.look}
        onBlur={() => {
          mention.leave();
          onBlur?.();
        }}
      />
      {listed && (
        <div id={id} class="suggestions" role="listbox" aria-label={texts.drawer.talk.suggestions}>
          {found.map((person, at) => (
            <div
              key={person.id}
              id={`${id}-${at}`}
              class="option"
              role="option"
              tabIndex={-1}
              aria-selected={at === index}
              data-active={at === index || undefined}
              // The focus stays in the text.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => mention.choose(person)}
              onKeyDown={undefined}
            >
              <Avatar person={person} size={20} decorative />
              <span class="option-text">{person.name}</span>
            </div>
          ))}
        </div>
      )}
      <span class="unseen" role="status">
        {listed && texts.drawer.talk.mentionCount(found.length)}
      </span>
    </div>
  );
}

function useMention(
  area: { readonly current: HTMLTextAreaElement | null },
  people: readonly User[],
  onType: (value: string) => void,
) {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const [active, setActive] = useState(0);
  const caret = useRef<number | null>(null);
  const found = asked ? suggest(asked.query, people) : [];
  const index = Math.min(active, Math.max(found.length - 1, 0));
  // At every rendering: the one that brings the completed text puts the caret behind the name.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const look = () => {
    const { current } = area;
    const atCaret = current && current.selectionStart === current.selectionEnd ? current.selectionStart : 0;
    setAsked(current ? askedAt(current.value, atCaret) : undefined);
    setActive(0);
  };
  const choose = (person: User) => {
    if (!asked || !area.current) return;
    const done = complete(area.current.value, asked, person, people);
    caret.current = done.caret;
    onType(done.text);
    setAsked(undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.isComposing || found.length === 0 || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const person = found[index];
    if (step !== undefined) setActive((index + step + found.length) % found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && person) choose(person);
    else if (event.key === "Escape") setAsked(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { found, index, look, choose, press, leave: () => setAsked(undefined) };
}
