/** Joins a project's room and hands its board to a view, for as long as that is shown. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Closed, ProjectStore, Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { type Board, boardOf } from "../board/context.ts";
import { useJoined } from "../joined.ts";
import { useLive } from "../live.ts";
import { follow } from "../route.ts";
import { texts } from "../texts/index.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Skeleton } from "../ui/skeleton.tsx";

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly projectId: string;
  /** `closed`: why it is no longer live; the board then shows what it last was. */
  readonly children: (board: Board, closed: Closed | null) => ComponentChildren;
}

export function OpenProject({ client, me, projectId, children }: Props) {
  const { store, problem } = useJoined(client, projectId);

  if (store) return <Opened client={client} me={me} store={store} show={children} />;
  return (
    <main class="page-body" id="content" tabIndex={-1} aria-busy={problem === null}>
      {problem === null ? (
        <>
          <span class="unseen" role="status">
            {texts.common.loading}
          </span>
          <Skeleton lines={5} />
        </>
      ) : (
        <EmptyState icon="projects" title={problem}>
          <a href="/" onClick={follow}>
            {texts.projects.back}
          </a>
        </EmptyState>
      )}
    </main>
  );
}

interface OpenedProps extends Pick<Props, "client" | "me"> {
  readonly store: ProjectStore;
  readonly show: Props["children"];
}

function Opened({ client, me, store, show }: OpenedProps) {
  const members = useLive(store.members);
  const closed = useLive(store.closed);
  const board = useMemo(
    () => boardOf({ client, store, me, members, live: closed === null }),
    [client, store, me, members, closed],
  );
  return <>{show(board, closed)}</>;
}
