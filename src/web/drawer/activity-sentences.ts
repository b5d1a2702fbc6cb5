/** The history of a task as sentences. */
import type { ActivityEntry } from "../../protocol/activity.ts";
import type { Priority } from "../../protocol/tasks.ts";
import type { drawer } from "../texts/en/drawer.ts";

/** What ids stand for, as far as it is known now. */
export interface Names {
  readonly person: (id: string) => string | undefined;
  /** Of a status, also of a column that is gone. */
  readonly column: (status: string) => string;
  readonly label: (id: string) => string | undefined;
  /** Key of a task. */
  readonly task: (id: string) => string | undefined;
  readonly moment: (iso: string, allDay: boolean) => string;
}

type Words = Pick<typeof drawer, "activity" | "fields">;

/** One sentence for each thing that an entry tells of; at least one. */
export function sentencesOf(entry: ActivityEntry, names: Names, texts: Words): string[] {
  const words = texts.activity;
  const who = actorOf(entry, texts);
  const { data } = entry;
  const excerpt = data.excerpt?.replace(/\s+/g, " ");
  switch (entry.event) {
    case "task_created":
      return [words.created(who)];
    case "task_status_changed":
      return [words.status(who, names.column(data.old_status ?? ""), names.column(data.new_status ?? ""))];
    case "task_assigned":
      return assignment(entry, who, names, texts);
    case "task_updated":
      return changesOf(data.changes ?? {}, who, names, texts);
    case "comment_added":
      return [excerpt === undefined ? words.commentedGone(who) : words.commented(who, excerpt)];
    case "comment_updated":
      return [excerpt === undefined ? words.commentEditedGone(who) : words.commentEdited(who, excerpt)];
    case "comment_deleted":
      return [words.commentDeleted(who)];
    default:
      return [words.changed(who)];
  }
}

function actorOf({ actor }: ActivityEntry, { activity: words }: Words): string {
  if (!actor) return words.server;
  return actor.kind === "key" ? words.key(actor.name) : actor.name;
}

function assignment({ actor, data }: ActivityEntry, who: string, names: Names, { activity: words }: Words): string[] {
  const tell = (
    ids: readonly string[],
    self: (who: string) => string,
    others: (who: string, people: readonly string[]) => string,
  ): string[] => {
    const rest = ids.filter((id) => id !== actor?.id).map((id) => names.person(id) ?? words.somebody);
    return [...(rest.length < ids.length ? [self(who)] : []), ...(rest.length > 0 ? [others(who, rest)] : [])];
  };
  const told = [
    ...tell(data.added ?? [], words.assignedSelf, words.assigned),
    ...tell(data.removed ?? [], words.unassignedSelf, words.unassigned),
  ];
  return told.length > 0 ? told : [words.changed(who)];
}

type Changes = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const ids = (value: unknown): string[] => (Array.isArray(value) ? value.filter((id) => typeof id === "string") : []);

function changesOf(changes: Changes, who: string, names: Names, texts: Words): string[] {
  const words = texts.activity;
  const allDay = changes.all_day === true;
  const moment = (value: unknown): string | undefined => {
    const iso = text(value);
    // The entry does not say what `all_day` was where it did not change: midnight UTC is a whole day's time.
    return iso === undefined ? undefined : names.moment(iso, allDay || iso.endsWith("T00:00:00.000Z"));
  };
  const either = (
    value: string | undefined,
    is: (who: string, value: string) => string,
    none: (who: string) => string,
  ) => (value === undefined ? none(who) : is(who, value));
  const dated = "start_at" in changes || "due_at" in changes;
  const told: Readonly<Record<string, (value: unknown) => string | undefined>> = {
    title: (value) => words.titled(who, text(value) ?? ""),
    description: (value) => either(text(value), words.described, words.undescribed),
    priority: (value) => (isPriority(value, texts) ? priority(value, who, texts) : undefined),
    label_ids: (value) => labels(ids(value), who, names, texts),
    due_at: (value) => either(moment(value), words.due, words.noDue),
    start_at: (value) => either(moment(value), words.start, words.noStart),
    all_day: (value) => (dated ? undefined : value === true ? words.allDay(who) : words.timed(who)),
    estimate: (value) => (typeof value === "number" ? words.estimate(who, value) : words.noEstimate(who)),
    archived_at: (value) => either(text(value), words.archived, words.unarchived),
    parent_id: (value) =>
      either(text(value) && (names.task(String(value)) ?? words.unknownTask), words.parent, words.noParent),
    blocked_by_ids: (value) => blockers(ids(value), who, names, texts),
    checklist: (value) => checklist(value, who, texts),
  };
  const sentences = Object.entries(changes).map(([field, value]) => told[field]?.(value));
  const known = sentences.filter((sentence) => sentence !== undefined);
  return known.length > 0 ? known : [words.changed(who)];
}

const isPriority = (value: unknown, { fields }: Words): value is Priority =>
  typeof value === "string" && Object.hasOwn(fields.priorities, value);

const priority = (value: Priority, who: string, { activity, fields }: Words): string =>
  value === "none" ? activity.noPriority(who) : activity.priority(who, fields.priorities[value]);

function labels(value: readonly string[], who: string, names: Names, { activity: words }: Words): string {
  if (value.length === 0) return words.noLabels(who);
  return words.labels(
    who,
    value.map((id) => names.label(id) ?? words.unknownLabel),
  );
}

function blockers(value: readonly string[], who: string, names: Names, { activity: words }: Words): string {
  if (value.length === 0) return words.unblocked(who);
  return words.blocked(
    who,
    value.map((id) => names.task(id) ?? words.unknownTask),
  );
}

function checklist(value: unknown, who: string, { activity: words }: Words): string | undefined {
  if (typeof value !== "object" || value === null || !("total" in value) || !("done" in value)) return undefined;
  const [done, total] = [Number(value.done), Number(value.total)];
  return total === 0 ? words.noChecklist(who) : words.checklist(who, done, total);
}
