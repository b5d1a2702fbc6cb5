/** What was understood of a line besides its title, each part with a way to have it as plain text. */
import type { Label } from "../../protocol/projects.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { ColorDot } from "../ui/badge.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Board } from "./context.ts";
import { dueText } from "./due-text.ts";
import type { BoardModel } from "./model.ts";
import { PriorityIcon } from "./priority-icon.tsx";
import type { Part, Understood } from "./quick-add-parse.ts";

interface Props {
  readonly id: string;
  readonly board: Board;
  readonly model: BoardModel;
  readonly understood: Understood;
  readonly ignore: (text: string) => void;
}

const words = texts.board;

/** Read out when it changes. */
export function Preview({ id, board, model, understood, ignore }: Props) {
  return (
    <ul id={id} class="quick-add-parts" aria-live="polite" aria-label={words.understood}>
      {understood.parts.map((part) => {
        const { mark, text } = shownOf(part, board, model);
        return (
          <li key={`${part.kind} ${part.from}`}>
            <button
              type="button"
              class="part"
              data-kind={part.kind}
              title={words.keepAsText(part.text)}
              aria-label={words.understoodAs(text, part.text)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => ignore(part.text)}
            >
              {mark}
              {text}
              <Icon name="close" size={12} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function shownOf(part: Part, board: Board, model: BoardModel) {
  if (part.kind === "priority") {
    const text = words.priorities[part.priority];
    return { text, mark: <PriorityIcon priority={part.priority} /> };
  }
  if (part.kind === "person") {
    const user = board.members.get(part.id)?.user;
    return { text: user?.name ?? part.text, mark: user && <Avatar person={user} size={16} decorative /> };
  }
  if (part.kind === "label") {
    const label: Label | undefined = model.labels.value.get(part.id);
    return { text: label?.name ?? part.text, mark: label && <ColorDot color={label.color} /> };
  }
  const text = dueText({ due_at: part.due.at, all_day: part.due.allDay }, model.now.value) ?? part.text;
  return { text, mark: <Icon name="calendar" size={12} /> };
}
