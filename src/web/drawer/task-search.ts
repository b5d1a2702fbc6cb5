/** Finding a task by key or title, and what it must not wait for. */
import type { Task } from "../../protocol/tasks.ts";

const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Tasks whose key or title holds every word of the query: keys first, then titles that start with it; newest first. */
export function searchTasks(tasks: Iterable<Task>, query: string, most = 8): Task[] {
  const wanted = folded(query.trim());
  const words = wanted.split(/\s+/);
  const rank = ({ key, number, title }: Task): number => {
    const [ownKey, ownTitle] = [folded(key), folded(title)];
    if (wanted === "") return 3;
    if (ownKey === wanted || String(number) === wanted) return 0;
    if (ownKey.startsWith(wanted)) return 1;
    if (ownTitle.startsWith(wanted)) return 2;
    return words.every((word) => ownTitle.includes(word) || ownKey.includes(word)) ? 3 : 4;
  };
  return [...tasks]
    .map((task) => ({ task, rank: rank(task) }))
    .filter((found) => found.rank < 4)
    .sort((a, b) => a.rank - b.rank || b.task.number - a.task.number)
    .slice(0, most)
    .map(({ task }) => task);
}

/**
 * The circle that would close if `taskId` waited for `blockerId`: the tasks from the blocker to the task, each waiting for
 * the next; undefined where there is none. Only the tasks given are known; the server has the last word.
 */
export function circleOf(tasks: ReadonlyMap<string, Task>, taskId: string, blockerId: string): Task[] | undefined {
  const seen = new Set<string>();
  const walk = (id: string): Task[] | undefined => {
    const task = tasks.get(id);
    if (!task || seen.has(id)) return undefined;
    seen.add(id);
    if (id === taskId) return [task];
    for (const next of task.blocked_by_ids) {
      const rest = walk(next);
      if (rest) return [task, ...rest];
    }
    return undefined;
  };
  return walk(blockerId);
}
