/** Tasks and states for tests that need no server. */
import type { Clock } from "../../src/client/clock.ts";
import { createDetails, type Details } from "../../src/client/details.ts";
import { TaskwireError } from "../../src/client/errors.ts";
import { createOutbox } from "../../src/client/outbox.ts";
import type { ProjectState } from "../../src/client/reducer.ts";
import type { Rest } from "../../src/client/rest.ts";
import { createWrites } from "../../src/client/writes.ts";
import type { Column } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";

const at = "2026-11-21T10:00:00.000Z";

export const makeTask = (more: Partial<Task> = {}): Task => ({
  id: "t1",
  project_id: "p",
  number: 1,
  key: "WEB-1",
  title: "Task",
  description: "",
  status: "todo",
  position: "a1",
  priority: "none",
  assignee_ids: [],
  label_ids: [],
  start_at: null,
  due_at: null,
  all_day: false,
  estimate: null,
  parent_id: null,
  blocked_by_ids: [],
  version: 1,
  created_by: "ana",
  created_at: at,
  updated_at: at,
  completed_at: null,
  archived_at: null,
  ...more,
});

const column = (status: string): Column => ({
  id: status,
  status,
  name: status,
  position: status,
  wip_limit: null,
  done: status === "completed",
});

export const makeState = (...tasks: readonly Task[]): ProjectState => ({
  project: { id: "p", key: "WEB", name: "Website", description: "", archived_at: null, created_at: at, role: "owner" },
  columns: ["todo", "review", "completed"].map(column),
  labels: [],
  members: new Map(),
  tasks: new Map(tasks.map((task) => [task.id, task])),
  counts: new Map(),
});

/** REST of which a test answers some paths (those that hold the key); the others are `not_found`. */
export const makeRest = (answers: Readonly<Record<string, () => Promise<unknown>>>): Rest => ({
  async request<Answer>(_: string, path: string): Promise<Answer> {
    const found = Object.entries(answers).find(([part]) => path.includes(part));
    if (!found) throw new TaskwireError("not_found", path);
    // The test answers what the path answers.
    return (await found[1]()) as Answer;
  },
});

/** Details of open tasks whose writes go nowhere. */
export function makeDetails(clock: Clock, rest: Rest): Details {
  const random = () => 0;
  const outbox = createOutbox({ send: () => new Promise(() => {}), clock, random });
  const { detailVerbs } = createWrites({ outbox, inputs: () => [], statuses: () => [], clock, userId: () => "ana" });
  return createDetails({ rest, me: () => null, verbs: detailVerbs, clock, random });
}
