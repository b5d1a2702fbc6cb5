/** The project's archive: found with the board's filters, and brought back. */
import type { Task } from "../../protocol/tasks.ts";
import { useLive } from "../live.ts";
import { LoadMore } from "../load-more.tsx";
import { follow, query, setQuery, taskPath } from "../route.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Labels } from "./card-labels.tsx";
import type { Board } from "./context.ts";
import { archiveQuery, matcherOf } from "./filter.ts";
import type { BoardModel } from "./model.ts";
import { nameOf, removedIn, removeTask, restoreTask } from "./removal.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
}

const words = texts.board.archive;

export function ArchivedTasks({ board, model }: Props) {
  const { archived } = board.store;
  const items = useLive(archived.items) ?? [];
  const loaded = useLive(archived.loaded);
  const removed = removedIn(board.store).value;
  const matches = matcherOf(model.filter.value, model.now.value);
  const there = items.filter(({ id }) => !removed.has(id));
  const shown = there.filter(matches);
  return (
    <main id="content" tabIndex={-1} class="archive" aria-labelledby="archive-title">
      <header class="archive-head">
        <h2 id="archive-title">{words.title}</h2>
        <Button kind="ghost" size="small" icon="board" onClick={() => setQuery(archiveQuery(false, query.peek()))}>
          {words.back}
        </Button>
      </header>
      {shown.length > 0 && (
        <ul class="archive-list">
          {shown.map((task) => (
            <Row key={task.id} board={board} model={model} task={task} pending={task.pending} />
          ))}
        </ul>
      )}
      {loaded ? <Nothing board={board} count={there.length} shown={shown.length} /> : <Waiting board={board} />}
      <LoadMore list={archived} text={words.older} />
    </main>
  );
}

/** Nothing archived, or nothing of it shown, and why. */
function Nothing({ board, count, shown }: Pick<Props, "board"> & { readonly count: number; readonly shown: number }) {
  const hasMore = useLive(board.store.archived.hasMore);
  if (shown > 0) return null;
  if (hasMore) return <p class="quiet">{words.noMatchYet}</p>;
  return count > 0 ? (
    <EmptyState icon="filter" title={words.noMatch} />
  ) : (
    <EmptyState icon="archive" title={words.empty} text={words.emptyHint} />
  );
}

function Waiting({ board }: Pick<Props, "board">) {
  const state = useLive(board.client.connection.state);
  if (state === "offline") return <EmptyState icon="offline" title={words.offline} />;
  return (
    <div aria-busy="true">
      <Skeleton lines={4} />
    </div>
  );
}

interface RowProps extends Props {
  readonly task: Task;
  readonly pending: boolean;
}

function Row({ board, model, task, pending }: RowProps) {
  const name = nameOf(task);
  const { archived_at } = task;
  const people = task.assignee_ids.map((id) => board.members.get(id)?.user).filter((user) => user !== undefined);
  const column = model.columns.value.find(({ status }) => status === task.status)?.name ?? task.status;
  const path = `${taskPath(board.store.id, task.id)}?${query.value}`;
  return (
    <li class="archive-row" data-task={task.id} data-pending={pending || undefined}>
      <a class="archive-link" href={path} onClick={follow}>
        <span class="key">{task.key || texts.board.noKey}</span> <span class="archive-name">{task.title}</span>
      </a>
      <Labels model={model} ids={task.label_ids} />
      <span class="archive-facts quiet">
        <span>{column}</span>
        {archived_at !== null && (
          <time dateTime={archived_at} title={dateTime(archived_at)}>
            {words.since(ago(archived_at))}
          </time>
        )}
      </span>
      <Avatars people={people} size={20} most={3} more={texts.common.morePeople} />
      {board.mayWrite && (
        <span class="archive-verbs">
          <Button size="small" aria-label={words.restoreOne(name)} onClick={() => restoreTask(board, task)}>
            {words.restore}
          </Button>
          <IconButton icon="trash" size="small" label={words.deleteOne(name)} onClick={() => removeTask(board, task)} />
        </span>
      )}
    </li>
  );
}
