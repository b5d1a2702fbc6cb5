/** The history of a task. */
import { useLive } from "../live.ts";
import { LoadMore } from "../load-more.tsx";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { type Names, sentencesOf } from "./activity-sentences.ts";
import type { Opened } from "./context.ts";
import { momentText } from "./moments.ts";
import { NotLoaded } from "./not-loaded.tsx";

const words = texts.drawer.activity;

export function Activity(opened: Opened) {
  const entries = useLive(opened.detail.activity.items);
  const names = useNames(opened);
  if (entries === null) return <NotLoaded board={opened.board} lines={3} />;
  return (
    <div class="activity">
      {entries.length === 0 && <p class="quiet">{words.none}</p>}
      <ol class="activity-list">
        {entries.flatMap((entry) =>
          sentencesOf(entry, names, texts.drawer).map((sentence) => (
            <li key={`${entry.seq} ${sentence}`}>
              <span>{sentence}</span>{" "}
              <time class="quiet" dateTime={entry.at} title={dateTime(entry.at)}>
                {ago(entry.at)}
              </time>
            </li>
          )),
        )}
      </ol>
      <LoadMore list={opened.detail.activity} text={words.older} />
    </div>
  );
}

function useNames({ board }: Opened): Names {
  const columns = useLive(board.store.columns);
  const labels = useLive(board.store.labels);
  const tasks = useLive(board.store.tasks);
  return {
    person: (id) => board.members.get(id)?.user.name,
    column: (status) => columns.find((column) => column.status === status)?.name ?? status,
    label: (id) => labels.find((label) => label.id === id)?.name,
    task: (id) => tasks.get(id)?.key,
    moment: momentText,
  };
}
