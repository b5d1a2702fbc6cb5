/** Rows as the JSON of the wire, made by the database: one definition for the log, snapshots, lists and answers. */

/** SQL for a timestamptz as RFC 3339 text in UTC with milliseconds. */
export const isoText = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const rowJson = (columns: readonly string[]): string =>
  `(select row_to_json(x)::text from (select ${columns.join(", ")}) x)`;
const time = (alias: string, name: string): string => `${isoText(`${alias}.${name}`)} as ${name}`;

/** SQL text: a row of `tasks` under `alias` as the protocol's Task, JSON text. */
export const taskJson = (alias: string): string => {
  const plain = (names: string): string[] => names.split(" ").map((name) => `${alias}.${name}`);
  return rowJson([
    ...plain("id project_id number key title description status position priority assignee_ids label_ids"),
    time(alias, "start_at"),
    time(alias, "due_at"),
    ...plain("all_day estimate parent_id blocked_by_ids version created_by"),
    time(alias, "created_at"),
    time(alias, "updated_at"),
    time(alias, "completed_at"),
    time(alias, "archived_at"),
  ]);
};

/** SQL text: a row of `comments` under `alias` as the protocol's Comment, JSON text. */
export const commentJson = (alias: string): string =>
  rowJson([
    ...["id", "task_id", "author_id", "content", "reactions"].map((name) => `${alias}.${name}`),
    time(alias, "created_at"),
    time(alias, "edited_at"),
    time(alias, "deleted_at"),
  ]);
