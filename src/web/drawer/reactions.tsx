/** What people feel about a comment, an emoji each. */
import { watch } from "../notices.ts";
import { number } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import type { ShownComment } from "./comment-view.tsx";
import type { Opened } from "./context.ts";
import { personOf } from "./people.ts";

const words = texts.drawer.reactions;

interface Props extends Opened {
  readonly comment: ShownComment;
}

export function Reactions({ board, detail, comment }: Props) {
  const given = Object.entries(comment.reactions).filter(([, people]) => people.length > 0);
  if (given.length === 0) return null;
  return (
    <div class="reactions">
      {given.map(([emoji, people]) => {
        const label = words.of(
          emoji,
          people.map((id) => personOf(board, id).name),
        );
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-label={label}
            title={label}
            aria-pressed={people.includes(board.me.id)}
            disabled={!board.mayWrite}
            onClick={() => toggle({ board, detail, comment }, emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
            {number(people.length)}
          </button>
        );
      })}
    </div>
  );
}

/** Stands with what else can be done with a comment, so that one without reactions has no line for them. */
export function AddReaction(props: Pick<Props, "board" | "detail" | "comment">) {
  return (
    <Menu
      label={words.choose}
      align="end"
      groups={[
        {
          items: Object.entries(words.names).map(([emoji, name]) => ({
            text: name,
            mark: <span aria-hidden="true">{emoji}</span>,
            run: () => toggle(props, emoji),
          })),
        },
      ]}
      trigger={(trigger) => <IconButton {...trigger} icon="reaction" size="small" label={words.add} />}
    />
  );
}

function toggle({ board, detail, comment }: Pick<Props, "board" | "detail" | "comment">, emoji: string): void {
  const isMine = comment.reactions[emoji]?.includes(board.me.id) ?? false;
  watch(isMine ? detail.unreact(comment.id, emoji) : detail.react(comment.id, emoji));
}
