/** Projects, their columns, labels and members. */
import { z } from "zod";
import { defineEndpoint, ListQuery, Page } from "./endpoint.ts";
import { defineEvent } from "./event.ts";
import { Id, InputTimestamp, MutationId } from "./ids.ts";
import { Line, Text } from "./text.ts";
import { User } from "./users.ts";

export const Role = z.enum(["owner", "admin", "member", "viewer"]);
export type Role = z.infer<typeof Role>;

/** The slug that tasks carry as their status. */
export const StatusSlug = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(_[a-z0-9]+)*$/, "is a slug such as in_progress");

export const Project = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  archived_at: z.string().nullable(),
  created_at: z.string(),
  /** The caller's own role; absent in events, which everybody hears. */
  role: Role.optional(),
});
export type Project = z.infer<typeof Project>;

export const Column = z.object({
  id: z.string(),
  status: z.string(),
  name: z.string(),
  position: z.string(),
  wip_limit: z.int().nullable(),
  done: z.boolean(),
});
export type Column = z.infer<typeof Column>;

export const Label = z.object({ id: z.string(), name: z.string(), color: z.string() });
export type Label = z.infer<typeof Label>;

export const Member = z.object({ user_id: z.string(), user: User, role: Role, joined_at: z.string() });
export type Member = z.infer<typeof Member>;

const ProjectKey = z.string().regex(/^[A-Z][A-Z0-9]{1,9}$/, "is 2 to 10 capital letters or digits, a letter first");

export const CreateProject = z.strictObject({
  name: Line(200),
  key: ProjectKey.optional(),
  description: Text(20_000).nullish(),
  mutation_id: MutationId.optional(),
});
export type CreateProject = z.infer<typeof CreateProject>;

export const UpdateProject = z
  .strictObject({
    name: Line(200),
    key: ProjectKey,
    description: Text(20_000).nullable(),
    archived_at: InputTimestamp.nullable(),
    mutation_id: MutationId,
  })
  .partial();
export type UpdateProject = z.infer<typeof UpdateProject>;

export const AddMember = z
  .strictObject({ user_id: Id.optional(), email: z.email().optional(), role: Role, mutation_id: MutationId.optional() })
  .refine((body) => (body.user_id === undefined) !== (body.email === undefined), {
    message: "give either user_id or email",
    path: ["user_id"],
  });
export type AddMember = z.infer<typeof AddMember>;

export const UpdateMember = z.strictObject({ role: Role, mutation_id: MutationId.optional() });
export type UpdateMember = z.infer<typeof UpdateMember>;

/** The columns a new project gets; the last one means done. */
export const defaultColumns = [
  { status: "todo", name: "To do", done: false },
  { status: "in_progress", name: "In progress", done: false },
  { status: "review", name: "Review", done: false },
  { status: "completed", name: "Completed", done: true },
] as const;

export const projectEndpoints = {
  listProjects: defineEndpoint({
    method: "GET",
    path: "/api/projects",
    tag: "projects",
    summary: "The projects of the caller",
    description: "In the order in which they were made. No filters.",
    projects: "cut",
    query: ListQuery,
    answer: Page(Project),
  }),
  createProject: defineEndpoint({
    method: "POST",
    path: "/api/projects",
    tag: "projects",
    summary: "Make a project; the caller owns it",
    description:
      "Without `key` one is made of the name. It starts with the columns todo, in_progress, review and completed.",
    body: CreateProject,
    status: 201,
    answer: Project,
    errors: ["forbidden", "conflict", "idempotency_mismatch"],
  }),
  getProject: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id",
    tag: "projects",
    summary: "A project, with the caller's role",
    answer: Project,
    errors: ["not_found"],
  }),
  updateProject: defineEndpoint({
    method: "PATCH",
    path: "/api/projects/:id",
    tag: "projects",
    summary: "Change a project",
    description: "Takes the role admin.",
    body: UpdateProject,
    answer: Project,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  deleteProject: defineEndpoint({
    method: "DELETE",
    path: "/api/projects/:id",
    tag: "projects",
    summary: "Delete a project",
    description: "Takes the role owner. Its room hears `project_deleted` and closes.",
    status: 204,
    errors: ["forbidden", "not_found", "idempotency_mismatch"],
  }),
};

export const memberEndpoints = {
  listMembers: defineEndpoint({
    method: "GET",
    path: "/api/projects/:id/members",
    tag: "members",
    summary: "The project's members",
    description: "In the order in which they joined. No filters.",
    query: ListQuery,
    answer: Page(Member),
    errors: ["not_found"],
  }),
  addMember: defineEndpoint({
    method: "POST",
    path: "/api/projects/:id/members",
    tag: "members",
    summary: "Add a person who has an account",
    description: "Takes the role admin; only an owner makes owners.",
    body: AddMember,
    status: 201,
    answer: Member,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  updateMember: defineEndpoint({
    method: "PATCH",
    path: "/api/projects/:id/members/:user_id",
    tag: "members",
    summary: "Change a member's role",
    description: "Takes the role admin, for members below owner; owners change everybody. The last owner stays one.",
    body: UpdateMember,
    answer: Member,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
  removeMember: defineEndpoint({
    method: "DELETE",
    path: "/api/projects/:id/members/:user_id",
    tag: "members",
    summary: "Remove a member, or leave",
    description: "Takes the role admin, or being that person. The last owner cannot leave.",
    status: 204,
    errors: ["forbidden", "not_found", "conflict", "idempotency_mismatch"],
  }),
};

const by = z.string();
const memberEvent = { member: Member, member_id: z.string() };

export const projectEvents = {
  project_updated: defineEvent({
    audience: "project",
    durable: true,
    description: "The project, its columns or its labels changed.",
    data: z.object({ project: Project, columns: z.array(Column), labels: z.array(Label), updated_by: by }),
  }),
  project_deleted: defineEvent({
    audience: "project",
    durable: true,
    description: "The project was deleted; its room closes after this event.",
    data: z.object({ project: Project, project_id: z.string(), deleted_by: by }),
  }),
  member_added: defineEvent({
    audience: "project",
    durable: true,
    description: "Somebody became a member.",
    data: z.object({ ...memberEvent, added_by: by }),
  }),
  member_updated: defineEvent({
    audience: "project",
    durable: true,
    description: "A member's role changed.",
    data: z.object({ ...memberEvent, updated_by: by }),
  }),
  member_removed: defineEvent({
    audience: "project",
    durable: true,
    description: "A member left or was removed. The person concerned hears project_left instead.",
    data: z.object({ ...memberEvent, removed_by: by }),
  }),
  project_joined: defineEvent({
    audience: "user",
    durable: true,
    description: "You became a member of a project (or made it).",
    data: z.object({ project: Project, project_id: z.string(), joined_by: by }),
  }),
  project_left: defineEvent({
    audience: "user",
    durable: true,
    description: "You are no longer a member of a project.",
    data: z.object({ project: Project, project_id: z.string(), left_by: by }),
  }),
};
