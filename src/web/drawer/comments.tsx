/** What is said about a task: oldest first, the newest page at once, earlier ones on demand. */
import { useLive } from "../live.ts";
import { LoadMore } from "../load-more.tsx";
import { texts } from "../texts/index.ts";
import { CommentForm } from "./comment-form.tsx";
import { CommentView } from "./comment-view.tsx";
import type { Opened } from "./context.ts";
import { NotLoaded } from "./not-loaded.tsx";

const words = texts.drawer.talk;

export function Comments(opened: Opened) {
  const { board, detail } = opened;
  const comments = useLive(detail.comments.items) ?? [];
  const loaded = useLive(detail.comments.loaded);
  return (
    <div class="comments">
      <LoadMore list={detail.comments} text={words.earlier} />
      {!loaded && <NotLoaded board={board} lines={3} />}
      {loaded && comments.length === 0 && <p class="quiet">{words.none}</p>}
      {comments.length > 0 && (
        <ol class="comment-list">
          {comments.map((comment) => (
            <CommentView key={comment.id} {...opened} comment={comment} />
          ))}
        </ol>
      )}
      <TypingLine {...opened} />
      {board.mayWrite ? <CommentForm {...opened} /> : <p class="quiet">{words.readOnly}</p>}
    </div>
  );
}

function TypingLine({ board, task }: Opened) {
  const typing = useLive(board.store.typing).get(task.id) ?? [];
  const names = typing.filter(({ id }) => id !== board.me.id).map(({ name }) => name);
  return (
    <p class="typing-line quiet" aria-live="polite">
      {names.length > 0 && texts.live.typing(names)}
    </p>
  );
}
