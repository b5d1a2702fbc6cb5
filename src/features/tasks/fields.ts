/** What a task's fields may be in its project. */
import { invalid } from "../../protocol/errors.ts";
import type { ProjectAccess } from "../../realtime/access.ts";

interface Fields {
  readonly status?: string | undefined;
  readonly assignee_ids?: readonly string[] | undefined;
  readonly label_ids?: readonly string[] | undefined;
}

/** Throws `invalid` for a status, person or label that is not the project's; `path` stands before the field's name. */
export function requireFields(access: ProjectAccess, fields: Fields, path = ""): void {
  if (fields.status !== undefined && !access.columns.has(fields.status))
    throw invalid(`${path}status`, `is none of the project's: ${[...access.columns.keys()].join(", ")}`);
  for (const [i, id] of (fields.assignee_ids ?? []).entries())
    if (!access.roles.has(id)) throw invalid(`${path}assignee_ids.${i}`, "is no member of the project");
  for (const [i, id] of (fields.label_ids ?? []).entries())
    if (!access.labelIds.has(id)) throw invalid(`${path}label_ids.${i}`, "is no label of the project");
}
