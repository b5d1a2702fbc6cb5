/** How one task went: when it came from column to column, and when it was due. Days are workdays (work-time.ts). */
import { type Board, parentOf } from "./board.ts";
import { createRandom, type Random } from "./random.ts";
import { dayMs, iso, type WorkTime } from "./work-time.ts";

export interface Story {
  readonly random: Random;
  readonly createdDay: number;
  /** The columns it came to behind the first, with the day; only what has happened by now. */
  readonly moves: readonly { readonly status: string; readonly day: number }[];
  /** Undefined: it waits. */
  readonly startedDay: number | undefined;
  readonly doneDay: number | undefined;
  readonly isSubtask: boolean;
  readonly due: Due | undefined;
}

export interface Due {
  readonly due_at: string;
  readonly all_day: boolean;
  readonly start_at: string | null;
}

export function storyOf(board: Board, task: number, createdDay: number, time: WorkTime): Story {
  const random = createRandom(board.seed, "story", board.index, task);
  const moves = movesOf(board, random, createdDay).filter(({ day }) => day < time.days);
  const done = board.columns.find(({ status, done }) => done && status === moves.at(-1)?.status);
  const doneDay = done && moves.at(-1)?.day;
  return {
    random,
    createdDay,
    moves,
    startedDay: moves[0]?.day,
    doneDay,
    isSubtask: parentOf(board, task) !== undefined,
    due: dueOf(random, time, createdDay, doneDay),
  };
}

/** Some wait for ever; the others take weeks, now and then a step back. */
function movesOf({ columns }: Board, random: Random, createdDay: number): { status: string; day: number }[] {
  const waits = random.chance(0.2) ? 1000 : random.around(9);
  const way = [...columns.filter(({ done }) => !done).slice(1), ...columns.filter(({ done }) => done).slice(0, 1)];
  const statuses = way.map(({ status }) => status);
  if (random.chance(0.1) && statuses.length > 2) statuses.splice(2, 0, ...statuses.slice(0, 2));
  let day = createdDay + 0.05 + waits;
  return statuses.map((status, i) => {
    if (i > 0) day += 0.1 + random.around(i === 1 ? 4 : 2);
    return { status, day };
  });
}

const hourMs = 60 * 60 * 1000;
const midnight = (ms: number): number => ms - (ms % dayMs);

/** What is done was due about then; what is open is due about now, most of it in the next weeks. */
function dueOf(random: Random, time: WorkTime, createdDay: number, doneDay: number | undefined): Due | undefined {
  const has = random.chance(0.6);
  const [shift, allDay, hour, begins] = [random.next(), random.chance(0.8), 9 + random.int(9), random.chance(0.3)];
  const lengthDays = 2 + random.int(5);
  if (!has) return undefined;
  const aboutMs =
    doneDay === undefined ? time.nowMs + (shift * 28 - 4) * dayMs : time.at(doneDay) + (shift * 8 - 2) * dayMs;
  const day = midnight(Math.max(aboutMs, time.at(createdDay) + dayMs));
  return {
    due_at: iso(allDay ? day : day + hour * hourMs),
    all_day: allDay,
    start_at: begins ? iso(day - lengthDays * dayMs) : null,
  };
}
