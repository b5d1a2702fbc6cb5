/** Rows of a project and what belongs to it as the JSON of the wire, made by the database. */
import { isoText } from "../../db/row-json.ts";

const rowJson = (columns: string): string => `(select row_to_json(x)::text from (select ${columns}) x)`;
const time = (alias: string, name: string): string => `${isoText(`${alias}.${name}`)} as ${name}`;

/** SQL text: a row of `projects` under `alias` as the protocol's Project; `role` is SQL for the caller's role. */
export const projectJson = (alias: string, role?: string): string =>
  rowJson(
    `${alias}.id, ${alias}.key, ${alias}.name, ${alias}.description, ${time(alias, "archived_at")},
    ${time(alias, "created_at")}${role === undefined ? "" : `, ${role} as role`}`,
  );

/** A row of `columns` under `alias`. */
export const columnJson = (alias: string): string =>
  rowJson(["id", "status", "name", "position", "wip_limit", "done"].map((name) => `${alias}.${name}`).join(", "));

/** A row of `labels` under `alias`. */
export const labelJson = (alias: string): string => rowJson(`${alias}.id, ${alias}.name, ${alias}.color`);

/** A row of `users` as members see one another: without the address. */
export const userJson = (alias: string): string =>
  rowJson(`${alias}.id, ${alias}.name, ${alias}.image as avatar_url, ${alias}.role`);

/** A row of `members` under `alias`, with its row of `users` under `user`. */
export const memberJson = (alias: string, user: string): string =>
  rowJson(`${alias}.user_id, ${userJson(user)}::json as user, ${alias}.role, ${time(alias, "joined_at")}`);

/** The columns of the project whose id is the SQL `id`, as a JSON array in their order; labels by name. */
export const columnsJson = (id: string): string =>
  `(select '[' || coalesce(string_agg(${columnJson("c")}, ',' order by c.position, c.id), '') || ']'
    from columns c where c.project_id = ${id})`;
export const labelsJson = (id: string): string =>
  `(select '[' || coalesce(string_agg(${labelJson("l")}, ',' order by l.name, l.id), '') || ']'
    from labels l where l.project_id = ${id})`;
/** Members in the order they came. */
export const membersJson = (id: string): string =>
  `(select '[' || coalesce(string_agg(${memberJson("m", "u")}, ',' order by m.joined_at, m.user_id), '') || ']'
    from members m join users u on u.id = m.user_id where m.project_id = ${id})`;
