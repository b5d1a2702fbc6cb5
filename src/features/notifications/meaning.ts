/** What each event of a project means to people: whom it concerns directly, who watches from now on, in which words. */
import type { CommittedEvent } from "../../db/context.ts";
import type { DurableEventName, EventData } from "../../protocol/catalogue.ts";
import { mentionedIn, withoutMentions } from "../../protocol/mentions.ts";
import { plainText } from "../../protocol/plain-text.ts";
import type { Task } from "../../protocol/tasks.ts";
import { tellsOfChange } from "../../realtime/log.ts";

/** What one person is told. */
export interface Telling {
  readonly type: keyof typeof categories;
  readonly message: string;
  /** The comment that names them; absent: the task, or the project. Repeats are of one text. */
  readonly text?: string;
  /** Who was told of it before is not told again. */
  readonly once?: boolean;
}

/** What an event means before it is known who watches. */
export interface Meaning {
  readonly taskId?: string | undefined;
  /** Told in any case (if they are members), by the kind that concerns them most: the first wins. */
  readonly direct: readonly (Telling & { readonly ids: readonly string[] })[];
  /** Told to those who watch the task and were not told already. */
  readonly watchers?: Telling | undefined;
  /** People who watch the task from now on. */
  readonly watch: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

export const categories = {
  assigned: "assigned",
  mentioned: "mentioned",
  project_added: "projects",
  comment: "comments",
  status: "status",
} as const;

type Reader<Name extends DurableEventName> = (data: EventData<Name>, by: string) => Meaning | undefined;

const excerptMax = 200;
/** Mail, push and inbox lay nothing out. */
const excerpt = (text: string): string => {
  const plain = plainText(withoutMentions(text)) || text.replace(/\s+/g, " ").trim();
  if (plain.length <= excerptMax) return plain;
  // Not in the middle of a character that is two units long.
  return `${plain.slice(0, excerptMax - 1).replace(/[\ud800-\udbff]$/, "")}…`;
};
const named = ({ key, title }: Pick<Task, "key" | "title">): string => `${key} ${title}`;

const readers: { readonly [Name in DurableEventName]?: Reader<Name> } = {
  task_created: ({ task, created_by }, by) => ({
    taskId: task.id,
    direct: [
      { ids: task.assignee_ids, type: "assigned", message: `${by} assigned you ${named(task)}` },
      { ids: [...mentionedIn(task.description)], type: "mentioned", message: `${by} mentioned you in ${named(task)}` },
    ],
    watch: [created_by, ...task.assignee_ids],
    data: {},
  }),
  task_assigned: ({ task, added }, by) => ({
    taskId: task.id,
    direct: [{ ids: added, type: "assigned", message: `${by} assigned you ${named(task)}` }],
    watch: added,
    data: {},
  }),
  task_status_changed: ({ task, old_status, new_status }, by) => ({
    taskId: task.id,
    direct: [],
    watchers: { type: "status", message: `${by} moved ${named(task)} to ${new_status.replaceAll("_", " ")}` },
    watch: [],
    data: { old_status, new_status },
  }),
  comment_added: ({ comment, task_id }, by) => ({
    taskId: task_id,
    direct: [
      {
        ids: [...mentionedIn(comment.content)],
        type: "mentioned",
        message: `${by} mentioned you: ${excerpt(comment.content)}`,
        text: comment.id,
      },
    ],
    watchers: { type: "comment", message: `${by} commented: ${excerpt(comment.content)}` },
    watch: [comment.author_id],
    data: { comment_id: comment.id },
  }),
  // Which mentions are new is not in the event: whoever was told of theirs hears nothing again.
  task_updated: ({ task, changes }, by) => ({
    taskId: task.id,
    direct: [
      {
        ids: [...mentionedIn("description" in changes ? task.description : "")],
        type: "mentioned",
        message: `${by} mentioned you in ${named(task)}`,
        once: true,
      },
    ],
    watch: [],
    data: {},
  }),
  comment_updated: ({ comment, task_id }, by) => ({
    taskId: task_id,
    direct: [
      {
        ids: [...mentionedIn(comment.content)],
        type: "mentioned",
        message: `${by} mentioned you: ${excerpt(comment.content)}`,
        text: comment.id,
        once: true,
      },
    ],
    watch: [],
    data: { comment_id: comment.id },
  }),
  member_added: ({ member, member_id }, by) => ({
    direct: [{ ids: [member_id], type: "project_added", message: `${by} added you as ${member.role}` }],
    watch: [],
    data: { role: member.role },
  }),
};

/** The data of an event of the log was written as its schema says; the compiler does not follow a table's index so far. */
export function meaningOf({ event, data }: CommittedEvent, by: string): Meaning | undefined {
  if (event === "task_updated" && !tellsOfChange(data, "description")) return undefined;
  const reader = (readers as Readonly<Record<string, Reader<never> | undefined>>)[event];
  return reader?.(JSON.parse(data) as never, by);
}

/** The events that mean something. */
export const meaningful: ReadonlySet<string> = new Set(Object.keys(readers));
