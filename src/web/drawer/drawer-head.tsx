/** What stands above a task: its key, who looks at it, and what can be done with it as a whole. */
import { byPosition } from "../../client/index.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { Board } from "../board/context.ts";
import { archiveTask, removeTask, restoreTask } from "../board/removal.ts";
import { useLive } from "../live.ts";
import { notify, watch } from "../notices.ts";
import { viewersOf } from "../people.ts";
import { follow, taskPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu, type MenuItem } from "../ui/menu.tsx";
import type { Opened } from "./context.ts";
import { copyText } from "./copy.ts";

const words = texts.drawer;

export function HeadName({ board, task }: Pick<Opened, "board" | "task">) {
  const parent = useLive(board.store.tasks).get(task.parent_id ?? "");
  const viewers = viewersOf(useLive(board.store.presence), board.members, board.me.id).get(task.id) ?? [];
  const viewing = words.people.viewing(viewers.map(({ name }) => name));
  return (
    <>
      {parent && (
        <>
          <a
            class="key"
            href={taskPath(board.store.id, parent.id)}
            title={`${words.subtaskOf} ${parent.title}`}
            aria-label={`${words.subtaskOf} ${words.label(parent.key, parent.title)}`}
            onClick={follow}
          >
            {parent.key || words.noKey}
          </a>
          <span class="quiet" aria-hidden="true">
            ›
          </span>
        </>
      )}
      <span class="key">{task.key || words.noKey}</span>
      {viewers.length > 0 && (
        <span class="task-viewers" role="img" aria-label={viewing} title={viewing}>
          <span aria-hidden="true">
            <Avatars people={viewers} size={20} most={3} more={texts.common.morePeople} />
          </span>
        </span>
      )}
    </>
  );
}

interface ActionsProps extends Opened {
  readonly close: () => void;
}

export function HeadActions(props: ActionsProps) {
  const { board, task, close } = props;
  /** The way back is a notice over the board. */
  const leave = (act: (board: Board, task: Task) => void) => {
    close();
    act(board, task);
  };
  const copyLink = () => void copy(new URL(taskPath(board.store.id, task.id), location.href).href);
  const items: MenuItem[] = [
    { text: words.copyLink, icon: "link", run: copyLink },
    ...(board.mayWrite ? placing(props) : []),
  ];
  const ends: MenuItem[] = board.mayWrite
    ? [
        task.archived_at === null
          ? { text: words.archive, icon: "archive", run: () => leave(archiveTask) }
          : { text: words.unarchive, icon: "archive", run: () => restoreTask(board, task) },
        { text: words.delete, icon: "trash", danger: true, run: () => leave(removeTask) },
      ]
    : [];
  return (
    <>
      <WatchButton {...props} />
      <IconButton icon="link" label={words.copyLink} onClick={copyLink} />
      <Menu
        label={words.more}
        groups={[{ items }, { items: ends }]}
        align="end"
        trigger={(trigger) => <IconButton {...trigger} icon="more" label={words.more} />}
      />
    </>
  );
}

async function copy(text: string): Promise<void> {
  const copied = await copyText(text);
  notify({ text: copied ? words.linkCopied : `${words.copyByHand} ${text}` });
}

/** One place up or down in its column, without a mouse. */
function placing({ board, task }: ActionsProps): MenuItem[] {
  const column = [...board.store.tasks.value.values()].filter(({ status }) => status === task.status).sort(byPosition);
  const index = column.findIndex(({ id }) => id === task.id);
  const [previous, next] = [column[index - 1], column[index + 1]];
  const move = (place: { before?: string; after?: string }) =>
    watch(board.client.moveTask(task.id, { status: task.status, ...place }));
  if (index < 0) return [];
  return [
    { text: words.up, icon: "arrow_up", disabled: !previous, run: () => previous && move({ before: previous.id }) },
    { text: words.down, icon: "arrow_down", disabled: !next, run: () => next && move({ after: next.id }) },
  ];
}

function WatchButton({ detail }: Opened) {
  const watching = useLive(detail.watching);
  const watchers = useLive(detail.watchers) ?? [];
  const names =
    watchers.length === 0 ? words.people.noWatchers : words.people.watcherNames(watchers.map(({ name }) => name));
  if (watching === null) return null;
  return (
    <Button
      kind="ghost"
      size="small"
      icon="eye"
      aria-pressed={watching}
      title={names}
      aria-description={names}
      onClick={() => watch(watching ? detail.unwatch() : detail.watch())}
    >
      <span class="watch-text">{watching ? words.people.unwatch : words.people.watch}</span>
      {watchers.length > 0 && <span class="quiet">{watchers.length}</span>}
    </Button>
  );
}
