/** What people said about a task, at the stage it was in. */
import type { Comment } from "../../protocol/comments.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { User } from "../../protocol/users.ts";
import { type Board, domainOf, orderOf } from "./board.ts";
import type { Stage } from "./domains/domain.ts";
import { createRandom, type Random, seedId } from "./random.ts";
import type { Story } from "./story.ts";
import type { Step } from "./task-state.ts";
import { iso, type WorkTime } from "./work-time.ts";

/** A task's comments: at most this many. */
const commentsMax = 5;
const emoji = ["👍", "🎉", "❤️", "👀", "🚀"];

/** A stage of the task's story, in days. */
interface Span {
  readonly stage: Stage;
  readonly from: number;
  readonly to: number;
}

function spansOf({ createdDay, moves, startedDay, doneDay }: Story, now: number): Span[] {
  const reviewed = moves[1]?.day;
  const spans: Span[] = [{ stage: "planned", from: createdDay, to: startedDay ?? now }];
  if (startedDay !== undefined) spans.push({ stage: "working", from: startedDay, to: reviewed ?? now });
  if (reviewed !== undefined) spans.push({ stage: "reviewed", from: reviewed, to: doneDay ?? now });
  if (doneDay !== undefined) spans.push({ stage: "finished", from: doneDay, to: Math.min(doneDay + 1, now) });
  return spans;
}

/** Steps in the order of time. `index`: which of the project's made-up tasks it is. */
export function talkAbout(board: Board, index: number, task: Task, story: Story, time: WorkTime): Step[] {
  const random = createRandom(board.seed, "talk", board.index, index);
  const spans = spansOf(story, time.days);
  const said = new Set<string>();
  const steps: Step[] = [];
  const count = story.isSubtask ? 0 : Math.min(commentsMax, Math.floor(random.around(1.5)));
  for (let nth = 0; nth < count; nth++) {
    const { stage, from, to } = random.pick(spans);
    const content = random.pick(domainOf(board.index).comments[stage]);
    const author = random.pick(board.people);
    const day = from + (0.02 + random.next() * 0.96) * (to - from);
    if (said.has(content)) continue;
    said.add(content);
    const comment: Comment = {
      id: seedId(board.seed, "comment", orderOf(board.index, index), `${nth}`),
      task_id: task.id,
      author_id: author.id,
      content,
      reactions: {},
      created_at: iso(time.at(day)),
      edited_at: null,
      deleted_at: null,
    };
    steps.push(...speak(comment, author, { board, random, day, time }));
  }
  return steps;
}

interface Scene {
  readonly board: Board;
  readonly random: Random;
  readonly day: number;
  readonly time: WorkTime;
}

/** The comment; now and then its author mends it, or somebody reacts. */
function speak(comment: Comment, author: User, { board, random, day, time }: Scene): Step[] {
  const steps: Step[] = [{ atMs: time.at(day), by: author, act: { kind: "comment", comment } }];
  const [edits, reacts] = [random.chance(0.04), random.chance(0.15)];
  let now = comment;
  const next = (after: number, by: User, isEdit: boolean, change: (atMs: number) => Partial<Comment>): void => {
    if (day + after >= time.days) return;
    const atMs = time.at(day + after);
    now = { ...now, ...change(atMs) };
    steps.push({ atMs, by, act: { kind: "recomment", comment: now, isEdit } });
  };
  if (edits)
    next(0.01, author, true, (atMs) => ({
      content: `${comment.content}\n\nEdit: it is in the log as well.`,
      edited_at: iso(atMs),
    }));
  if (reacts) {
    const by = random.pick(board.people);
    const sign = random.pick(emoji);
    if (by.id !== author.id) next(0.05, by, false, () => ({ reactions: { [sign]: [by.id] } }));
  }
  return steps;
}
