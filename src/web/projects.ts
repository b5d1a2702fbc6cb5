/** The list of one's projects, kept current by the events of one's own room. */
import { signal } from "@preact/signals";
import { type Taskwire, TaskwireError } from "../client/index.ts";
import { loadAll } from "../client/loading.ts";
import type { CreateProject, Project } from "../protocol/projects.ts";

/** null until it is loaded. */
export const projects = signal<readonly Project[] | null>(null);

/** Loads the list when the client is live, and again after each event that changes it. */
export function watchProjects(client: Taskwire): void {
  const load = () => void refresh(client);
  client.on("project_joined", load);
  client.on("project_left", load);
  // Also after each time offline: what was missed may not be in the log any more.
  client.connection.state.subscribe((state) => {
    if (state === "live") load();
  });
  load();
}

export function forgetProjects(): void {
  projects.value = null;
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
export async function createProject(client: Taskwire, name: string): Promise<Project> {
  const body: CreateProject = { name };
  return client.rest.request<Project>("POST", "/api/projects", body);
}
