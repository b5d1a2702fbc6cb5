/** Names to choose from while `@`, `#` or `!` is being written. */
import type { ComponentChildren } from "preact";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { ColorDot } from "../ui/badge.tsx";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";
import { PriorityIcon } from "./priority-icon.tsx";
import { completionsOf, type OpenToken, priorities } from "./quick-add-parse.ts";

export interface Suggestion {
  readonly id: string;
  /** What is written behind the sign. */
  readonly name: string;
  /** What is shown. */
  readonly text: string;
  readonly mark: ComponentChildren;
}

/** None where the word is complete: then Enter adds the task. */
export function suggestionsFor(token: OpenToken, board: Board, model: BoardModel): Suggestion[] {
  const found = matching(token, board, model);
  const [only] = found;
  return found.length === 1 && only?.name.toLowerCase() === token.query ? [] : found;
}

function matching({ sign, query }: OpenToken, board: Board, model: BoardModel): Suggestion[] {
  if (sign === "!") {
    const items = priorities.map((name) => ({ id: name, name, text: texts.board.priorities[name], priority: name }));
    return completionsOf(query, items).map(({ priority, ...item }) => ({
      ...item,
      mark: <PriorityIcon priority={priority} />,
    }));
  }
  if (sign === "@") {
    const people = [...board.members.values()].map(({ user }) => user);
    return completionsOf(query, people).map((user) => ({
      id: user.id,
      name: user.name,
      text: user.name,
      mark: <Avatar person={user} size={20} decorative />,
    }));
  }
  return completionsOf(query, [...model.labels.value.values()]).map(({ id, name, color }) => ({
    id,
    name,
    text: name,
    mark: <ColorDot color={color} />,
  }));
}

interface Props {
  readonly id: string;
  readonly label: string;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: Suggestion | undefined;
  readonly take: (suggestion: Suggestion) => void;
}

/** The focus stays in the line. */
export function Completions({ id, label, suggestions, chosen, take }: Props) {
  return (
    <div id={`${id}-list`} class="completions" role="listbox" aria-label={label} hidden={suggestions.length === 0}>
      {suggestions.map((suggestion) => (
        <div
          key={suggestion.id}
          id={`${id}-${suggestion.id}`}
          class="completion"
          role="option"
          tabIndex={-1}
          aria-selected={suggestion.id === chosen?.id}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(suggestion)}
          onKeyDown={undefined}
        >
          {suggestion.mark}
          {suggestion.text}
        </div>
      ))}
    </div>
  );
}
