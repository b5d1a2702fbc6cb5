/** What each event does to a project's state: pure but for the draft it is given. Every event of a project is here. */
import type { DurableEventName, EventData, events } from "../protocol/catalogue.ts";
import type { LoggedEvent } from "../protocol/event.ts";
import type { Column, Label, Member, Project } from "../protocol/projects.ts";
import type { Snapshot, TaskCounts } from "../protocol/snapshot.ts";
import type { Task } from "../protocol/tasks.ts";
import { addComments, countChecklist } from "./counts.ts";

/** The state of one project at one position of its log. */
export interface ProjectState {
  readonly project: Project;
  readonly columns: readonly Column[];
  readonly labels: readonly Label[];
  /** By user id. */
  readonly members: ReadonlyMap<string, Member>;
  /** By id; archived tasks are not in it. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** By task id; tasks that have neither comments nor a checklist may be missing. */
  readonly counts: ReadonlyMap<string, TaskCounts>;
}

/** A state being changed. A map is copied once for a batch of events, and only if it changes: watchers see what did. */
export interface Draft {
  project: Project;
  columns: readonly Column[];
  labels: readonly Label[];
  readonly members: ReadonlyMap<string, Member>;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly counts: ReadonlyMap<string, TaskCounts>;
  /** Tasks that one's own writes have put beside the board (archived, by id); null where they have deleted one that was there. */
  readonly aside: Map<string, Task | null>;
  /** A task beside the board, where it is known. */
  findAside(taskId: string): Task | undefined;
  editMembers(): Map<string, Member>;
  editTasks(): Map<string, Task>;
  editCounts(): Map<string, TaskCounts>;
}

type ProjectEventName = {
  [Name in DurableEventName]: (typeof events)[Name] extends { audience: "project" } ? Name : never;
}[DurableEventName];

type Reducers = { readonly [Name in ProjectEventName]: (draft: Draft, data: EventData<Name>) => void };

const putTask = (draft: Draft, { task }: { readonly task: Task }): void => {
  if (task.archived_at === null) draft.editTasks().set(task.id, task);
  else draft.editTasks().delete(task.id);
};
const putMember = (draft: Draft, { member }: { readonly member: Member }): void => {
  draft.editMembers().set(member.user_id, member);
};
const nothing = (): void => {};

const reducers: Reducers = {
  task_created: putTask,
  task_updated(draft, data) {
    putTask(draft, data);
    countChecklist(draft, data);
  },
  task_status_changed: putTask,
  task_moved: putTask,
  task_assigned: putTask,
  task_deleted(draft, { task_id }) {
    draft.editTasks().delete(task_id);
    if (draft.counts.has(task_id)) draft.editCounts().delete(task_id);
  },
  // Of comments only their number is part of the project's state: comments.ts keeps those that are shown.
  comment_added: (draft, { task_id }) => addComments(draft, task_id, 1),
  comment_updated: nothing,
  comment_deleted: (draft, { task_id }) => addComments(draft, task_id, -1),
  member_added: putMember,
  member_updated: putMember,
  member_removed: (draft, { member }) => void draft.editMembers().delete(member.user_id),
  project_updated(draft, { project, columns, labels }) {
    // `role` is the caller's own and not part of an event that everybody hears.
    const { role } = draft.project;
    draft.project = role === undefined ? project : { ...project, role };
    draft.columns = columns;
    draft.labels = labels;
  },
  project_deleted: nothing,
};

const isKnown = (event: string): event is ProjectEventName => Object.hasOwn(reducers, event);

/** The state after `events`, which follow it in the log. Events of applications (`x_…`) and of newer servers change nothing. */
export function reduce(state: ProjectState, events: readonly LoggedEvent[]): ProjectState {
  const draft = draftOf(state);
  for (const { event, data } of events) {
    if (isKnown(event)) reduceOne(draft, event, data);
  }
  return frozen(draft);
}

/** What the draft became, as a plain state. */
export const frozen = ({ project, columns, labels, members, tasks, counts }: Draft): ProjectState => ({
  project,
  columns,
  labels,
  members,
  tasks,
  counts,
});

function reduceOne<Name extends ProjectEventName>(draft: Draft, event: Name, data: unknown): void {
  // The data of a frame is the one its name has in the catalogue.
  reducers[event](draft, data as EventData<Name>);
}

/** `findArchived`: what is known of tasks that the state does not hold. */
export function draftOf(
  { project, columns, labels, members, tasks, counts }: ProjectState,
  findArchived: (taskId: string) => Task | undefined = () => undefined,
): Draft {
  const aside = new Map<string, Task | null>();
  let editedMembers: Map<string, Member> | undefined;
  let editedTasks: Map<string, Task> | undefined;
  let editedCounts: Map<string, TaskCounts> | undefined;
  return {
    project,
    columns,
    labels,
    aside,
    findAside: (taskId) => (aside.has(taskId) ? (aside.get(taskId) ?? undefined) : findArchived(taskId)),
    get members() {
      return editedMembers ?? members;
    },
    get tasks() {
      return editedTasks ?? tasks;
    },
    get counts() {
      return editedCounts ?? counts;
    },
    editMembers() {
      editedMembers ??= new Map(members);
      return editedMembers;
    },
    editTasks() {
      editedTasks ??= new Map(tasks);
      return editedTasks;
    },
    editCounts() {
      editedCounts ??= new Map(counts);
      return editedCounts;
    },
  };
}

/** As any server of this protocol says it: the first ones did not count. */
export type AnySnapshot = Omit<Snapshot, "counts"> & Partial<Pick<Snapshot, "counts">>;

/** The state of a snapshot; `tasks` are those of all its pages. */
export const stateOf = (snapshot: AnySnapshot, tasks: readonly Task[]): ProjectState => ({
  project: snapshot.project,
  columns: snapshot.columns,
  labels: snapshot.labels,
  members: new Map(snapshot.members.map((member) => [member.user_id, member])),
  tasks: new Map(tasks.map((task) => [task.id, task])),
  counts: new Map(Object.entries(snapshot.counts ?? {})),
});
