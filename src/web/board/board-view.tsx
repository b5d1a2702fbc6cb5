/** One project's board: joins its room, shows its store, and above it the drawer of one task. */
import { useCallback, useEffect, useMemo } from "preact/hooks";
import type { ProjectStore, Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { useJoined } from "../joined.ts";
import { lazyAbove, whenIdle } from "../lazy.tsx";
import { useLive } from "../live.ts";
import { boardPath, follow, navigate, projectSettingsPath, query } from "../route.ts";
import { texts } from "../texts/index.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { PageHead } from "../views/page-head.tsx";
import { ArchivedTasks } from "./archived-tasks.tsx";
import { Columns } from "./columns.tsx";
import { boardOf } from "./context.ts";
import { showsArchive } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { Here } from "./here.tsx";
import { LoadingBoard } from "./loading-board.tsx";
import { createBoardModel } from "./model.ts";

/** Loaded when there is time: it must be there when there is no connection any more. */
const TaskDrawer = lazyAbove(async () => (await import("../drawer/task-drawer.tsx")).TaskDrawer);

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly projectId: string;
  /** The task whose drawer is open. */
  readonly taskId: string | undefined;
}

const words = texts.board;

export function BoardView({ client, me, projectId, taskId }: Props) {
  const { store, problem } = useJoined(client, projectId);

  if (store) return <LiveBoard client={client} me={me} store={store} taskId={taskId} />;
  return (
    <>
      <PageHead title={texts.common.product} />
      {problem === null ? <LoadingBoard /> : <NoBoard reason={problem} />}
    </>
  );
}

function NoBoard({ reason }: { readonly reason: string }) {
  return (
    <main id="content" tabIndex={-1} class="center">
      <EmptyState icon="warning" title={words.cannotOpen} text={reason}>
        <a class="button" data-kind="secondary" href="/" onClick={follow}>
          {texts.projects.back}
        </a>
      </EmptyState>
    </main>
  );
}

interface LiveProps {
  readonly client: Taskwire;
  readonly me: Me;
  readonly store: ProjectStore;
  readonly taskId: string | undefined;
}

function LiveBoard({ client, me, store, taskId }: LiveProps) {
  const project = useLive(store.project);
  const members = useLive(store.members);
  const closed = useLive(store.closed);
  const live = closed === null;
  const board = useMemo(() => boardOf({ client, store, me, members, live }), [client, store, me, members, live]);
  const model = useMemo(() => createBoardModel(client, store, me.id), [client, store, me.id]);
  useEffect(() => model.dispose, [model]);
  useEffect(() => whenIdle(TaskDrawer.preload), []);
  const close = useCallback(() => {
    const { value } = query;
    navigate(value.size > 0 ? `${boardPath(store.id)}?${value}` : boardPath(store.id));
  }, [store.id]);
  const archive = showsArchive(query.value);
  return (
    <>
      <PageHead title={project.name}>
        <span class="spring" />
        <Here board={board} />
        <a
          class="button icon-button"
          data-kind="ghost"
          data-size="medium"
          href={projectSettingsPath(store.id)}
          onClick={follow}
          aria-label={words.settings}
          title={words.settings}
        >
          <Icon name="settings" />
        </a>
      </PageHead>
      {closed !== null && (
        <p class="banner" role="alert">
          {texts.projects.closed[closed]}{" "}
          <a href="/" onClick={follow}>
            {texts.projects.back}
          </a>
        </p>
      )}
      <FilterBar board={board} model={model} />
      {archive ? <ArchivedTasks board={board} model={model} /> : <Columns board={board} model={model} />}
      {taskId !== undefined && <TaskDrawer board={board} taskId={taskId} close={close} />}
    </>
  );
}
