/** What is said about a task: oldest first, the newest page at once, earlier ones on demand. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { CommentForm } from "./comment-form.tsx";
import { CommentView } from "./comment-view.tsx";
import type { Opened } from "./context.ts";

const words = texts.drawer.talk;

export function Comments(opened: Opened) {
  const { board, detail } = opened;
  const comments = useLive(detail.comments.items);
  return (
    <div class="comments">
      <Earlier opened={opened} />
      {comments === null ? (
        <div aria-busy="true">
          <Skeleton lines={3} />
        </div>
      ) : comments.length === 0 ? (
        <p class="quiet">{words.none}</p>
      ) : (
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

function Earlier({ opened: { detail } }: { readonly opened: Opened }) {
  return <LoadMore list={detail.comments} text={words.earlier} />;
}

interface LoadMoreProps {
  readonly list: Opened["detail"]["comments"] | Opened["detail"]["activity"];
  readonly text: string;
}

/** A button for the next page, while there is one. */
export function LoadMore({ list, text }: LoadMoreProps) {
  const hasMore = useLive<boolean>(list.hasMore);
  const busy = useSignal(false);
  if (!hasMore) return null;
  const load = async () => {
    busy.value = true;
    try {
      await list.loadMore();
    } catch (error) {
      notify({ text: reasonOf(error), tone: "problem" });
    }
    busy.value = false;
  };
  return (
    <Button kind="ghost" size="small" busy={busy.value} onClick={() => void load()}>
      {text}
    </Button>
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

/** Says that this person types, and that it ended when the component goes. */
export function useTyping({ board: { store }, task }: Pick<Opened, "board" | "task">) {
  const latest = useRef(store);
  latest.current = store;
  const { id } = task;
  useEffect(() => () => latest.current.setTyping(id, false), [id]);
  return (isTyping: boolean) => store.setTyping(id, isTyping);
}
