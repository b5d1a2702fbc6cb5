/**
 * Rows as the JSON of the wire, made by the database: one definition for the log, snapshots, lists and answers.
 * Written as one `concat`, which costs a third of `row_to_json` (it looks up every column's type at every call).
 */

/** SQL for a timestamptz as RFC 3339 text in UTC with milliseconds. */
export const isoText = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** How a column becomes JSON: text that needs no escaping, any text (`?`: or null), a number or boolean, an array, a time. */
type Form = "plain" | "text" | "text?" | "bare" | "array" | "time" | "json";

const forms: Record<Form, (column: string) => string> = {
  plain: (column) => `case when ${column} is null then 'null' else '"' || ${column} || '"' end`,
  text: (column) => `to_json(${column})`,
  "text?": (column) => `coalesce(to_json(${column})::text, 'null')`,
  bare: (column) => `coalesce(${column}::text, 'null')`,
  array: (column) => `case when ${column} = '{}' then '[]' else array_to_json(${column})::text end`,
  time: (column) => `case when ${column} is null then 'null' else '"' || ${isoText(column)} || '"' end`,
  json: (column) => column,
};

/** Columns that are never null need no question: `!` behind the form. */
type Column = readonly [name: string, form: Form | `${"plain" | "bare" | "time"}!`];

/** A piece of the text: as it stands, or what an expression gives. */
type Part = { readonly literal: string } | { readonly sql: string };

function partsOf(column: string, form: Column[1]): Part[] {
  const quote = { literal: '"' };
  switch (form) {
    case "plain!":
      return [quote, { sql: column }, quote];
    case "time!":
      return [quote, { sql: isoText(column) }, quote];
    case "bare!":
      return [{ sql: `${column}::text` }];
    default:
      return [{ sql: forms[form](column) }];
  }
}

/** A function from an alias to the SQL text of a JSON object of these columns, which it makes once. */
function rowJson(columns: readonly Column[]): (alias: string) => string {
  const made = new Map<string, string>();
  return (alias) => {
    const text = made.get(alias) ?? objectSql(alias, columns);
    made.set(alias, text);
    return text;
  };
}

/** `concat` takes at most 100 arguments, so literals that meet become one. */
function objectSql(alias: string, columns: readonly Column[]): string {
  const parts = columns.flatMap(([name, form], i) => [
    { literal: `${i === 0 ? "{" : ","}"${name}":` },
    ...partsOf(`${alias}.${name}`, form),
  ]);
  const args: string[] = [];
  let literal = "";
  for (const part of [...parts, { literal: "}" }]) {
    if ("literal" in part) literal += part.literal;
    else {
      args.push(`'${literal}'`, part.sql);
      literal = "";
    }
  }
  return `concat(${[...args, `'${literal}'`].join(", ")})`;
}

/** SQL text: a row of `tasks` under `alias` as the protocol's Task, JSON text. */
export const taskJson = rowJson([
  ["id", "plain!"],
  ["project_id", "plain!"],
  ["number", "bare!"],
  ["key", "plain!"],
  ["title", "text"],
  ["description", "text"],
  ["status", "plain!"],
  ["position", "plain!"],
  ["priority", "plain!"],
  ["assignee_ids", "array"],
  ["label_ids", "array"],
  ["start_at", "time"],
  ["due_at", "time"],
  ["all_day", "bare!"],
  ["estimate", "bare"],
  ["parent_id", "plain"],
  ["blocked_by_ids", "array"],
  ["version", "bare!"],
  ["created_by", "plain!"],
  ["created_at", "time!"],
  ["updated_at", "time!"],
  ["completed_at", "time"],
  ["archived_at", "time"],
]);

/** SQL text: a row of `comments` under `alias` as the protocol's Comment, JSON text. */
export const commentJson = rowJson([
  ["id", "plain!"],
  ["task_id", "plain!"],
  ["author_id", "plain!"],
  ["content", "text"],
  ["reactions", "json"],
  ["created_at", "time!"],
  ["edited_at", "time"],
  ["deleted_at", "time"],
]);

/** SQL text: a row of `checklist_items` under `alias` as the protocol's ChecklistItem, JSON text. */
export const checklistItemJson = rowJson([
  ["id", "plain!"],
  ["task_id", "plain!"],
  ["title", "text"],
  ["done", "bare!"],
  ["position", "plain!"],
  ["created_by", "plain!"],
  ["created_at", "time!"],
  ["completed_at", "time"],
]);

/** SQL text: a row of `notifications` under `alias` as the protocol's Notification, JSON text. */
export const notificationJson = rowJson([
  ["id", "plain!"],
  ["type", "text"],
  ["category", "plain!"],
  ["message", "text"],
  ["data", "json"],
  ["link", "text?"],
  ["count", "bare!"],
  ["created_at", "time!"],
  ["updated_at", "time!"],
  ["read_at", "time"],
  ["snoozed_until", "time"],
  ["archived_at", "time"],
]);

/** SQL text: a row of `task_reminders` under `alias`, with a `remind_at`, as the protocol's Reminder, JSON text. */
export const reminderJson = rowJson([
  ["id", "plain!"],
  ["task_id", "plain!"],
  ["offset_minutes", "bare!"],
  ["remind_at", "time"],
  ["created_at", "time!"],
]);
