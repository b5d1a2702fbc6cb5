/** What is said about a task. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { TaskDetail } from "../../client/index.ts";
import type { Comment } from "../../protocol/comments.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "./avatar.tsx";

interface Props {
  readonly board: Board;
  readonly taskId: string;
}

const words = texts.drawer;

export function Comments({ board, taskId }: Props) {
  const opened = useSignal<TaskDetail | null>(null);
  const { store } = board;
  useEffect(() => {
    const comments = store.openTask(taskId);
    opened.value = comments;
    return () => comments.close();
  }, [store, taskId, opened]);
  return (
    <section class="comments stack">
      <h2>{words.comments}</h2>
      {opened.value && <CommentList board={board} list={opened.value.comments.items} />}
      <Typing board={board} taskId={taskId} />
      {board.mayWrite && <CommentForm board={board} taskId={taskId} />}
    </section>
  );
}

function CommentList({ board, list }: { readonly board: Board; readonly list: TaskDetail["comments"]["items"] }) {
  const comments = useLive(list);
  if (comments === null) return <p class="quiet">{texts.common.loading}</p>;
  if (comments.length === 0) return <p class="quiet">{words.noComments}</p>;
  return (
    <ul class="comment-list">
      {comments.map((comment) => (
        <CommentView key={comment.id} board={board} comment={comment} />
      ))}
    </ul>
  );
}

function CommentView({ board, comment }: { readonly board: Board; readonly comment: Comment }) {
  const author = board.members.get(comment.author_id)?.user ?? { id: comment.author_id, name: words.somebody };
  return (
    <li class="comment">
      <Avatar person={author} />
      <div>
        <p class="quiet">
          {author.name} · <time dateTime={comment.created_at}>{new Date(comment.created_at).toLocaleString()}</time>
        </p>
        <p class="text">{comment.content}</p>
      </div>
    </li>
  );
}

function Typing({ board, taskId }: Props) {
  const typing = useLive(board.store.typing).get(taskId) ?? [];
  const names = typing.filter(({ id }) => id !== board.me.id).map(({ name }) => name);
  return (
    <p class="typing-line quiet" aria-live="polite">
      {names.length > 0 && texts.live.typing(names)}
    </p>
  );
}

function CommentForm({ board, taskId }: Props) {
  const text = useSignal("");
  const { store, client } = board;
  useEffect(() => () => store.setTyping(taskId, false), [store, taskId]);
  const edit = (value: string) => {
    text.value = value;
    store.setTyping(taskId, value !== "");
  };
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const content = text.value.trim();
    if (content === "") return;
    edit("");
    watch(client.addComment(taskId, content));
  };
  return (
    <form class="stack" onSubmit={send}>
      <textarea
        rows={2}
        maxLength={20_000}
        aria-label={words.comment}
        placeholder={words.comment}
        value={text.value}
        onInput={(event) => edit(event.currentTarget.value)}
      />
      <button type="submit" class="primary" disabled={text.value.trim() === ""}>
        {words.send}
      </button>
    </form>
  );
}
