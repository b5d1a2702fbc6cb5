/** The board and its cards. */
import type { PresenceStatus } from "../../../protocol/presence.ts";
import type { Priority } from "../../../protocol/tasks.ts";
import type { DueChoice } from "../../board/filter.ts";
import { list, number, plural } from "../format.ts";

const tasks = (count: number): string => plural(count, { one: "# task", other: "# tasks" });
const place = (position: number, count: number): string => `place ${number(position)} of ${number(count)}`;

export const board = {
  title: "Board",
  settings: "Project settings",
  cannotOpen: "This board cannot be opened",
  add: "Add a task",
  addTo: (column: string) => `Add a task to ${column}`,
  added: (title: string, column: string) => `${title} added to ${column}`,
  addedHidden: (title: string) => `“${title}” was added. The filter hides it.`,
  count: tasks,
  tasksIn: (column: string) => `Tasks in ${column}`,
  column: (name: string, count: number) => `${name}, ${tasks(count)}`,
  empty: {
    title: "Nothing to do yet",
    hint: "Write the first task at the foot of a column, such as “Call the printer tomorrow 5pm !high”.",
    add: "Add a task",
    viewer: "Tasks appear here the moment somebody adds them.",
  },
  noMatch: { title: "No task matches the filter", clear: "Clear the filter" },
  noKey: "new",
  card: (key: string, title: string) => `${key}: ${title}`,
  titleOf: (key: string) => `Title of ${key}`,
  viewedBy: (names: readonly string[]) => `${list(names)} ${names.length === 1 ? "is" : "are"} looking at it`,
  priorities: {
    urgent: "Urgent",
    high: "High",
    medium: "Medium",
    low: "Low",
    none: "No priority",
  } satisfies Record<Priority, string>,
  priorityOf: (priority: string) => `Priority: ${priority}`,
  due: (date: string) => `Due ${date}`,
  overdue: "Overdue:",
  /** Whole days from today; none for days that are better told by their date. */
  days: (days: number): string | undefined =>
    ({ "-1": "Yesterday", "0": "Today", "1": "Tomorrow" })[String(days)] ?? undefined,
  subtaskOf: (parent: string) => `Part of ${parent}`,
  subtasks: (count: string) => `Subtasks done: ${count}`,
  comments: (count: number) => plural(count, { one: "# comment", other: "# comments" }),
  checklist: (done: number, total: number) => `Checklist: ${number(done)} of ${number(total)} done`,

  pickedUp: (task: string, position: number, count: number) =>
    `${task} picked up, ${place(position, count)}. Arrows move it, Space puts it down, Escape puts it back.`,
  carriedTo: (column: string, position: number, count: number) => `${column}, ${place(position, count)}`,
  putBack: (task: string) => `${task} is back in its place`,
  moved: (task: string, column: string) => `${task} moved to ${column}`,
  deleted: (task: string, subtasks = 0) =>
    subtasks === 0
      ? `${task} deleted`
      : plural(subtasks, {
          one: `${task} and its subtask deleted`,
          other: `${task} and its # subtasks deleted`,
        }),
  restored: (task: string) => `${task} is back`,
  archived: (task: string) => `${task} archived`,
  keyHelp: "Enter opens, Space picks up, arrows go to other cards, E edits the title, Delete deletes.",
  keyHelpViewer: "Enter opens, arrows go to other cards.",
  shortcuts: "Board",
  cardKeys: {
    title: "On a card",
    go: "Go to another card",
    ends: "First and last of the column",
    open: "Open the task",
    carry: "Pick it up; arrows carry it, Space puts it down",
    rename: "Edit the title",
    remove: "Delete",
  },
  addShortcut: "Add a task",
  focusShortcut: "Go to the cards",

  menu: {
    title: (task: string) => `More for ${task}`,
    rename: "Edit title",
    assign: "Assign to me",
    unassign: "Take me off it",
    moveTo: "Move to",
    up: "Up",
    down: "Down",
    archive: "Archive",
  },

  archive: {
    title: "Archived tasks",
    /** On the button beside the filters. */
    show: "Archived",
    back: "Back to the board",
    restore: "Bring back",
    restoreOne: (task: string) => `Bring back ${task}`,
    deleteOne: (task: string) => `Delete ${task}`,
    since: (ago: string) => `archived ${ago}`,
    older: "Show older ones",
    empty: "Nothing is archived",
    emptyHint: "What is done with can be archived: it leaves the board and is kept here.",
    noMatch: "No archived task matches the filter",
    noMatchYet: "None of the tasks read so far matches the filter",
    offline: "The archive is read when there is a connection again.",
  },

  columnName: "Name of the column",
  columnMenu: (column: string) => `More for the column ${column}`,
  columnMoved: (column: string, position: number, count: number) => `${column} moved, ${place(position, count)}`,
  columnAdded: (column: string) => `Column ${column} added`,
  moveColumn: (column: string) => `Move the column ${column}`,
  moveColumnHint: "Drag, or press the left and right arrow keys",
  newColumn: "Add a column",
  addColumn: "Add column",
  rename: "Rename",
  moveLeft: "Move left",
  moveRight: "Move right",
  setLimit: "Set a limit…",
  limitOf: (column: string) => `Limit of ${column}`,
  limit: "Most tasks at once",
  limitHint: "The column is marked when it holds more. Leave it empty for no limit.",
  limited: (count: number, limit: number) => `${tasks(count)}, the limit is ${number(limit)}`,
  overLimit: (limit: number) => `More than the limit of ${number(limit)}`,
  shownOf: (shown: number, total: number) => `${number(shown)} of ${number(total)}`,
  deleteColumn: "Delete column",
  deleteColumnOf: (column: string) => `Delete the column ${column}?`,
  tasksGoTo: (count: number) => plural(count, { one: "Its task goes to", other: "Its # tasks go to" }),
  tasksGoToHint: "Archived tasks go there too.",

  suggestions: "Suggestions",
  understood: "What was understood",
  understoodAs: (meaning: string, text: string) => `${meaning}, from “${text}”. Keep it as text.`,
  keepAsText: (text: string) => `Keep “${text}” as text`,

  hereAs: (name: string, status: string) => `${name} (${status})`,
  presence: {
    active: "active",
    idle: "idle",
    busy: "busy",
    away: "away",
    offline: "offline",
  } satisfies Record<PresenceStatus, string>,

  filter: {
    title: "Filter tasks",
    text: "Filter tasks",
    focus: "Filter tasks",
    clear: "Clear",
    clearText: "Clear the text",
    people: "People",
    labels: "Labels",
    dueDate: "Due date",
    nobody: "Nobody",
    anyDue: "Any date",
    due: {
      overdue: "Overdue",
      today: "Due today",
      week: "Due in 7 days",
      none: "No due date",
    } satisfies Record<DueChoice, string>,
    /** On the button that shows the choices in a narrow window. */
    fold: (made: number) => (made === 0 ? "Filters" : `Filters (${number(made)})`),
    several: (name: string, count: number) => `${name}: ${number(count)}`,
    isOn: (name: string, chosen: string) => `${name}: ${chosen}`,
    hidden: (count: number) => plural(count, { one: "# task is hidden", other: "# tasks are hidden" }),
  },
};
