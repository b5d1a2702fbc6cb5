/** The list of one's projects, kept current by the events of one's own room. */
import { signal } from "@preact/signals";
import { type Taskwire, TaskwireError } from "../../client/index.ts";
import { loadAll } from "../../client/loading.ts";
import type { CreateProject, Project, UpdateProject } from "../../protocol/projects.ts";

/** In the order in which they were made; null until they are loaded. */
export const projects = signal<readonly Project[] | null>(null);

/** Loads the list when the client is live, and again after each event that changes it. */
export function watchProjects(client: Taskwire): void {
  const load = () => void refresh(client);
  client.on("project_joined", load);
  client.on("project_left", load);
  client.on("project_updated", ({ project }) => replace(project));
  client.on("member_updated", ({ member }, { room }) => {
    if (member.user_id === client.user.value?.id && room !== undefined) changeRole(room, member.role);
  });
  // Also after each time offline: what was missed may not be in the log any more.
  client.connection.state.subscribe((state) => {
    if (state === "live") load();
  });
  load();
}

export function forgetProjects(): void {
  projects.value = null;
}

/** An event's project has no role: one's own stays. */
function replace(project: Project): void {
  projects.value = projects.value?.map((known) => (known.id === project.id ? { ...known, ...project } : known)) ?? null;
}

function changeRole(room: string, role: NonNullable<Project["role"]>): void {
  projects.value =
    projects.value?.map((known) => (room === `project:${known.id}` ? { ...known, role } : known)) ?? null;
}

async function refresh(client: Taskwire): Promise<void> {
  try {
    const list = await loadAll<Project>(client.rest, "/api/projects");
    if (client.connection.refusal.value === null) projects.value = list;
  } catch (error) {
    // It is loaded when the connection is back.
    if (!(error instanceof TaskwireError)) throw error;
  }
}

/** Throws TaskwireError. */
export const createProject = ({ rest }: Taskwire, body: CreateProject): Promise<Project> =>
  rest.request<Project>("POST", "/api/projects", body);

/** Throws TaskwireError. Also where nobody has joined its room the list follows. */
export async function updateProject({ rest }: Taskwire, id: string, body: UpdateProject): Promise<void> {
  replace(await rest.request<Project>("PATCH", `/api/projects/${id}`, body));
}

/** Throws TaskwireError. */
export const deleteProject = ({ rest }: Taskwire, id: string): Promise<void> =>
  rest.request<void>("DELETE", `/api/projects/${id}`);
