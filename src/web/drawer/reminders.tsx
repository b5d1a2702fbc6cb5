/** The reminders this person asked for on the task. Nobody else hears of them, so no event tells of them either. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Page } from "../../client/loading.ts";
import type { Reminder } from "../../protocol/reminders.ts";
import { useLive } from "../live.ts";
import { notify, reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import type { Opened } from "./context.ts";
import { FieldRow } from "./field-row.tsx";
import { momentText } from "./moments.ts";

const words = texts.drawer.reminders;

/** Minutes before the due time that are offered. */
const offered = [0, 10, 30, 60, 120, 1440, 2880, 10_080] as const;

/** Another due time moves the times of all of them: they are read anew. */
export function Reminders(opened: Opened) {
  const { due_at, completed_at } = opened.task;
  return <ReminderList key={`${due_at} ${completed_at}`} {...opened} />;
}

function ReminderList({ board, task }: Opened) {
  const list = useReminders(board, task);
  const { items } = list;
  if (task.due_at === null && (items ?? []).length === 0) {
    return (
      <FieldRow name={words.heading}>
        <span class="quiet">{words.noDue}</span>
      </FieldRow>
    );
  }
  const taken = new Set((items ?? []).map(({ offset_minutes }) => offset_minutes));
  return (
    <FieldRow name={words.heading}>
      <ul class="chips" aria-label={words.heading}>
        {(items ?? []).map((reminder) => (
          <li key={reminder.id} class="chip" title={whenOf(reminder)}>
            <span class="chip-text">{offsetText(reminder.offset_minutes)}</span>
            <IconButton
              icon="close"
              size="small"
              label={words.remove(offsetText(reminder.offset_minutes))}
              onClick={() => void list.remove(reminder)}
            />
          </li>
        ))}
      </ul>
      {task.due_at !== null && (
        <Menu
          label={words.add}
          groups={[
            {
              title: words.private,
              items: offered
                .filter((minutes) => !taken.has(minutes))
                .map((minutes) => ({ text: offsetText(minutes), run: () => void list.add(minutes) })),
            },
          ]}
          trigger={(props) => (
            <Button {...props} kind="ghost" size="small" icon="bell">
              {words.add}
            </Button>
          )}
        />
      )}
    </FieldRow>
  );
}

const whenOf = ({ remind_at }: Reminder): string => (remind_at === null ? words.past : momentText(remind_at, false));

function offsetText(minutes: number): string {
  if (minutes === 0) return words.atDue;
  if (minutes % 10_080 === 0) return words.before(words.weeks(minutes / 10_080));
  if (minutes % 1440 === 0) return words.before(words.days(minutes / 1440));
  if (minutes % 60 === 0) return words.before(words.hours(minutes / 60));
  return words.before(words.minutes(minutes));
}

/**
 * Read when the component comes, when the connection is back, when one was told of, and whenever the window is looked at
 * again: another window of the same person may have changed them.
 */
function useReminders(board: Opened["board"], task: Opened["task"]) {
  const items = useSignal<readonly Reminder[] | null>(null);
  /** Raised by each question and each change: an answer to an earlier question is not heard. */
  const question = useRef(0);
  const state = useLive(board.client.connection.state);
  const { rest } = board.client;
  const path = `/api/tasks/${task.id}/reminders`;
  useEffect(() => {
    if (state !== "live") return;
    const listen = new AbortController();
    const { signal } = listen;
    const read = () => {
      const own = ++question.current;
      rest.request<Page<Reminder>>("GET", path).then(
        (page) => {
          if (own === question.current && !signal.aborted) items.value = page.items;
        },
        // Not reached: asked again with the next connection.
        () => {},
      );
    };
    read();
    addEventListener("focus", read, { signal });
    // One that was told of is past.
    const forget = board.client.on("due_date_reminder", (told) => {
      if (told.task.id === task.id) read();
    });
    return () => {
      listen.abort();
      forget();
    };
  }, [rest, path, state, items, board.client, task.id]);
  const attempt = async (run: () => Promise<void>) => {
    question.current++;
    try {
      await run();
      question.current++;
    } catch (error) {
      notify({ text: texts.common.refused(reasonOf(error)), tone: "problem" });
    }
  };
  return {
    items: items.value,
    add: (offset_minutes: number) =>
      attempt(async () => {
        const made = await rest.request<Reminder>("POST", path, { offset_minutes });
        const others = (items.value ?? []).filter(({ id }) => id !== made.id);
        items.value = [...others, made].sort((a, b) => b.offset_minutes - a.offset_minutes);
      }),
    remove: ({ id }: Reminder) =>
      attempt(async () => {
        await rest.request("DELETE", `/api/reminders/${id}`);
        items.value = (items.value ?? []).filter((other) => other.id !== id);
      }),
  };
}
