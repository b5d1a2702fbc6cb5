/** One project's board: joins its room and shows its store. */
import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { type ProjectStore, type Taskwire, TaskwireError } from "../../client/index.ts";
import type { Column, Member } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { Me } from "../../protocol/users.ts";
import { columnsOf } from "../columns.ts";
import { useFlashes } from "../flashes.ts";
import { useLive } from "../live.ts";
import { viewersOf } from "../people.ts";
import { texts } from "../texts/index.ts";
import { Avatar } from "./avatar.tsx";
import type { CardState } from "./card.tsx";
import { CardPanel } from "./card-panel.tsx";
import { ColumnView } from "./column.tsx";
import { MembersButton } from "./members.tsx";
import { TopBar } from "./top-bar.tsx";

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly projectId: string;
}

/** What every part of the board needs. */
export interface Board {
  readonly client: Taskwire;
  readonly store: ProjectStore;
  readonly me: Me;
  readonly members: ReadonlyMap<string, Member>;
  /** May this person change tasks? */
  readonly mayWrite: boolean;
}

export function BoardView({ client, me, projectId }: Props) {
  const store = useSignal<ProjectStore | null>(null);
  const problem = useSignal<string | null>(null);
  useEffect(() => {
    let shown = true;
    client.joinProject(projectId).then(
      (joined) => {
        if (shown) store.value = joined;
        else joined.leave();
      },
      (error: unknown) => {
        if (!(error instanceof TaskwireError)) throw error;
        if (shown) problem.value = error.code === "not_found" ? texts.projects.missing : error.message;
      },
    );
    return () => {
      shown = false;
      store.peek()?.leave();
    };
  }, [client, projectId, store, problem]);

  if (store.value) return <LiveBoard client={client} me={me} store={store.value} />;
  return (
    <>
      <TopBar client={client} me={me} title={texts.common.product} />
      <main class="center quiet">{problem.value ?? texts.common.loading}</main>
    </>
  );
}

function LiveBoard({ client, me, store }: { client: Taskwire; me: Me; store: ProjectStore }) {
  const project = useLive(store.project);
  const columns = useLive(store.columns);
  const members = useLive(store.members);
  const closed = useLive(store.closed);
  const open = useSignal<string | null>(null);
  const mayWrite = members.get(me.id)?.role !== "viewer" && closed === null;
  // Stays the same object while nothing in it changes: cards that did not change are not rendered again.
  const board = useMemo(() => ({ client, store, me, members, mayWrite }), [client, store, me, members, mayWrite]);
  const show = useCallback(
    (taskId: string) => {
      open.value = taskId;
      client.setPresence("active", taskId);
    },
    [client, open],
  );
  const hide = () => {
    open.value = null;
    client.setPresence("active");
  };
  return (
    <>
      <TopBar client={client} me={me} title={project.name}>
        <Here board={board} />
        <MembersButton board={board} />
      </TopBar>
      {closed !== null && (
        <p class="banner" role="alert">
          {texts.projects.closed[closed]}
        </p>
      )}
      <Columns board={board} columns={columns} open={show} />
      {open.value !== null && <CardPanel key={open.value} board={board} taskId={open.value} close={hide} />}
    </>
  );
}

interface ColumnsProps {
  readonly board: Board;
  readonly columns: readonly Column[];
  readonly open: (taskId: string) => void;
}

function Columns({ board, columns, open }: ColumnsProps) {
  const { store, client, me, members } = board;
  const tasks = useLive(store.tasks);
  const pending = useLive(store.pending);
  const typing = useLive(store.typing);
  const viewers = viewersOf(useLive(store.presence), members, me.id);
  const flashes = useFlashes(client, store.id, me.id);
  const byStatus = columnsOf(columns, tasks);
  const stateOf = (task: Task): CardState => ({
    flashing: flashes.tasks.has(task.id),
    pending: pending.has(task.id),
    typing: typing.get(task.id),
    viewers: viewers.get(task.id),
  });
  return (
    <main class="board">
      {columns.map((column) => (
        <ColumnView
          key={column.id}
          board={board}
          column={column}
          columns={columns}
          tasks={byStatus.get(column.status) ?? []}
          stateOf={stateOf}
          flashed={flashes.done}
          open={open}
        />
      ))}
    </main>
  );
}

function Here({ board: { store, members } }: { readonly board: Board }) {
  const here = [...useLive(store.presence).values()];
  return (
    <ul class="here" aria-label={texts.live.here}>
      {here.map(({ user_id, status }) => {
        const member = members.get(user_id);
        return (
          member && (
            <li key={user_id}>
              <Avatar person={member.user} status={status} />
            </li>
          )
        );
      })}
    </ul>
  );
}
