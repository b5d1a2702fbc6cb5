/** One comment: read, answered with a reaction, edited or deleted by those who may. */
import { useSignal } from "@preact/signals";
import { useLive } from "../live.ts";
import { notify, reasonOf, watch } from "../notices.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { commentMax } from "./comment-form.tsx";
import type { Opened, TaskDetail } from "./context.ts";
import { Editor } from "./editor.tsx";
import { Markdown } from "./markdown-view.tsx";
import { toEdit, toWire } from "./mentions.ts";
import { peopleOf, personOf } from "./people.ts";
import { AddReaction, Reactions } from "./reactions.tsx";

const words = texts.drawer.talk;

export type ShownComment = NonNullable<TaskDetail["comments"]["items"]["value"]>[number];

interface Props extends Opened {
  readonly comment: ShownComment;
}

export function CommentView(props: Props) {
  const { board, task, drafts, comment } = props;
  const isOwn = comment.author_id === board.me.id;
  const slot = drafts.slot(task.id, `comment:${comment.id}`);
  // An edit that a reload interrupted goes on.
  const editing = useSignal(isOwn && board.mayWrite && slot.read() !== undefined);
  const author = personOf(board, comment.author_id);
  return (
    <li class="comment" data-comment={comment.id} data-pending={comment.pending || undefined}>
      <Avatar person={author} decorative />
      <article class="comment-body" aria-label={author.name}>
        <header class="comment-head">
          <strong>{author.name}</strong>
          <time class="quiet" dateTime={comment.created_at} title={dateTime(comment.created_at)}>
            {ago(comment.created_at)}
          </time>
          {comment.edited_at !== null && (
            <span class="quiet" title={dateTime(comment.edited_at)}>
              {words.edited}
            </span>
          )}
          {comment.pending && <Pending {...props} />}
          <span class="spring" />
          {!editing.value && (
            <Actions
              {...props}
              isOwn={isOwn}
              edit={() => {
                editing.value = true;
              }}
            />
          )}
        </header>
        {editing.value ? (
          <EditComment
            {...props}
            done={() => {
              slot.clear();
              editing.value = false;
            }}
          />
        ) : (
          <>
            <Markdown text={comment.content} />
            <Reactions {...props} />
          </>
        )}
      </article>
    </li>
  );
}

function Pending({ board }: Opened) {
  const state = useLive(board.client.connection.state);
  return <span class="quiet">{state === "live" || state === "catching_up" ? words.sending : words.waiting}</span>;
}

interface ActionsProps extends Props {
  readonly isOwn: boolean;
  readonly edit: () => void;
}

function Actions({ board, detail, comment, isOwn, edit }: ActionsProps) {
  const asking = useSignal(false);
  const remove = () => {
    asking.value = false;
    watch(detail.deleteComment(comment.id));
  };
  return (
    <span class="row-actions">
      {board.mayWrite && <AddReaction board={board} detail={detail} comment={comment} />}
      {isOwn && board.mayWrite && <IconButton icon="edit" size="small" label={words.edit} onClick={edit} />}
      {((isOwn && board.mayWrite) || board.mayManage) && (
        <IconButton
          icon="trash"
          size="small"
          label={words.remove}
          onClick={() => {
            asking.value = true;
          }}
        />
      )}
      {asking.value && (
        <ConfirmDialog
          title={words.confirmRemove}
          text={texts.drawer.cannotUndo}
          confirmText={texts.common.delete}
          cancelText={texts.common.cancel}
          danger
          confirm={remove}
          cancel={() => {
            asking.value = false;
          }}
        />
      )}
    </span>
  );
}

function EditComment({ board, detail, task, drafts, comment, done }: Props & { readonly done: () => void }) {
  const slot = drafts.slot(task.id, `comment:${comment.id}`);
  const people = peopleOf(board);
  const text = useSignal(slot.read()?.text ?? toEdit(comment.content, people));
  const save = () => {
    const content = toWire(text.value.trim(), people);
    if (content === "") return;
    const typed = text.value;
    done();
    if (content === comment.content) return;
    detail.editComment(comment.id, content).catch((error: unknown) => {
      slot.write({ text: typed });
      notify({ text: words.failed(reasonOf(error)), tone: "problem" });
    });
  };
  return (
    <div class="comment-edit">
      <Editor
        label={words.edit}
        value={text.value}
        wire={toWire(text.value, people)}
        people={people}
        maxLength={commentMax}
        rows={2}
        focus
        onType={(value) => {
          text.value = value;
          slot.write({ text: value });
        }}
        onFinish={save}
        onCancel={done}
      />
      <div class="row">
        <span class="spring" />
        <Button size="small" kind="ghost" onClick={done}>
          {texts.common.cancel}
        </Button>
        <Button size="small" kind="primary" disabled={text.value.trim() === ""} onClick={save}>
          {words.saveEdit}
        </Button>
      </div>
    </div>
  );
}
