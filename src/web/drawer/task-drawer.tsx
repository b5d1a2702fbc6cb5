/** One task, opened over the board under an address of its own. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { Board } from "../board/context.ts";
import { restoreTask } from "../board/removal.ts";
import { useLive } from "../live.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { DrawerShell } from "../ui/drawer.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Activity } from "./activity.tsx";
import { Checklist } from "./checklist.tsx";
import { Comments } from "./comments.tsx";
import type { Opened, TaskDetail } from "./context.ts";
import { Dependencies } from "./dependencies.tsx";
import { Description } from "./description.tsx";
import { createDrafts, type Drafts } from "./drafts.ts";
import { HeadActions, HeadName } from "./drawer-head.tsx";
import { Fields } from "./fields.tsx";
import { LostTask } from "./lost-task.tsx";
import { Reminders } from "./reminders.tsx";
import { Subtasks } from "./subtasks.tsx";
import { useTaskEdits } from "./task-edits.ts";
import { TitleField } from "./title-field.tsx";

const words = texts.drawer;

interface Props {
  readonly board: Board;
  readonly taskId: string;
  readonly close: () => void;
}

/** Another task is another drawer: drafts and edits are one task's. */
export function TaskDrawer(props: Props) {
  return <OneTask key={props.taskId} {...props} />;
}

function OneTask({ board, taskId, close }: Props) {
  const detail = useDetail(board, taskId);
  const drafts = useMemo(() => createDrafts(storage(), board.me.id, Date.now), [board.me.id]);
  useViewing(board, taskId);
  useFocusOnCard(taskId);
  if (!detail) return null;
  return <Sheet board={board} detail={detail} drafts={drafts} close={close} />;
}

interface SheetProps {
  readonly board: Board;
  readonly detail: TaskDetail;
  readonly drafts: Drafts;
  readonly close: () => void;
}

/** One sheet from the first moment to the last: what is on it changes, the focus in it does not jump. */
function Sheet({ board, detail, drafts, close }: SheetProps) {
  const task = useLive(detail.task);
  const lost = useLost(board, detail);
  const opened = task !== null && lost === undefined ? { board, detail, task, drafts } : undefined;
  const label = lost ? words.gone : task ? words.label(task.key || words.noKey, task.title) : words.loading;
  return (
    <DrawerShell
      label={label}
      head={opened && <HeadName {...opened} />}
      actions={opened && <HeadActions {...opened} close={close} />}
      close={close}
      closeLabel={texts.common.close}
    >
      {/* Takes the focus when the sheet opens: reading begins here, and no key does anything by accident. */}
      <div class="task-place" tabIndex={-1} data-autofocus>
        {lost ? (
          <LostTask taskId={detail.taskId} drafts={drafts} reason={lost} close={close} />
        ) : opened ? (
          <OpenTask {...opened} />
        ) : (
          <div class="task" aria-busy="true">
            <Skeleton lines={6} />
          </div>
        )}
      </div>
    </DrawerShell>
  );
}

/** Why there is no task to show; undefined where there is one, or will be. */
function useLost({ store }: Board, detail: TaskDetail): "left" | "deleted" | "missing" | undefined {
  const closed = useLive(store.closed);
  const state = useLive(detail.state);
  if (closed !== null) return "left";
  return state === "deleted" || state === "missing" ? state : undefined;
}

function OpenTask(opened: Opened) {
  const { board, task } = opened;
  const edits = useTaskEdits(opened);
  return (
    <>
      {task.archived_at !== null && <ArchivedBanner {...opened} />}
      {!board.mayWrite && <p class="quiet">{words.readOnly}</p>}
      <div class="task">
        <div class="task-main">
          <TitleField board={board} edit={edits.title} />
          <Description board={board} task={task} edit={edits.description} />
        </div>
        <div class="task-side">
          <Fields {...opened} />
          <Reminders {...opened} />
        </div>
        <div class="task-more">
          <Subtasks {...opened} />
          <Checklist {...opened} />
          <Dependencies {...opened} />
          <Talk {...opened} />
        </div>
      </div>
    </>
  );
}

function ArchivedBanner({ board, task }: Opened) {
  return (
    <p class="banner">
      {words.isArchived}
      {board.mayWrite && (
        <Button size="small" onClick={() => restoreTask(board, task)}>
          {texts.board.archive.restore}
        </Button>
      )}
    </p>
  );
}

function Talk(opened: Opened) {
  const pane = useSignal<"comments" | "activity">("comments");
  return (
    <section class="talk">
      <Tabs
        label={words.talk.heading}
        tabs={[
          { id: "comments", text: words.talk.heading },
          { id: "activity", text: words.activity.heading },
        ]}
        selected={pane.value}
        onSelect={(next) => {
          pane.value = next;
        }}
      >
        {pane.value === "comments" ? <Comments {...opened} /> : <Activity {...opened} />}
      </Tabs>
    </section>
  );
}

function useDetail({ store }: Board, taskId: string): TaskDetail | null {
  const detail = useSignal<TaskDetail | null>(null);
  useLayoutEffect(() => {
    const opened = store.openTask(taskId);
    detail.value = opened;
    return () => {
      detail.value = null;
      opened.close();
    };
  }, [store, taskId, detail]);
  return detail.value;
}

/** Others see who looks at the task. */
function useViewing({ client }: Board, taskId: string): void {
  useEffect(() => {
    client.setPresence("active", taskId);
    return () => client.setPresence("active");
  }, [client, taskId]);
}

/** Opened by its address, the drawer has no element to give the focus back to: the task's card gets it. */
function useFocusOnCard(taskId: string): void {
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        const { activeElement } = document;
        if (activeElement !== null && activeElement !== document.body) return;
        const card = document.querySelector<HTMLElement>(`[data-task="${CSS.escape(taskId)}"]`);
        (card?.querySelector<HTMLElement>("a[href], button") ?? card)?.focus();
      });
    },
    [taskId],
  );
}

/** Undefined where the browser denies it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
