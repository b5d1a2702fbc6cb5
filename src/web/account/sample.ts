/** Makes the sample project: a real one, by the same writes that people make. Loaded only when somebody asks for it. */
import { type Taskwire, TaskwireError } from "../../client/index.ts";
import type { CreateChecklistItem } from "../../protocol/checklist.ts";
import type { CreateProject, Label, Project } from "../../protocol/projects.ts";
import type { CreateTask, Task } from "../../protocol/tasks.ts";
import { sample } from "../texts/en/sample.ts";

type SampleTask = (typeof sample.tasks)[number];

/**
 * Makes project, labels, tasks, comments and checklists; dates are around `now`. All or nothing: where one write fails the
 * project is deleted again. Throws TaskwireError.
 */
export async function createSample(client: Taskwire, meId: string, now: Date): Promise<Project> {
  const { name, key, description } = sample;
  const project = await createFreeKey(client, { name, key, description });
  try {
    await fill(client, project, meId, now);
  } catch (error) {
    // The first error is the one to tell.
    await client.rest.request("DELETE", `/api/projects/${project.id}`).catch(() => undefined);
    throw error;
  }
  return project;
}

/** The key may be in use on this server: then the server makes one. */
async function createFreeKey(client: Taskwire, body: CreateProject): Promise<Project> {
  const { key: _, ...keyless } = body;
  const create = (given: CreateProject) => client.rest.request<Project>("POST", "/api/projects", given);
  return create(body).catch((error: unknown) => {
    if (error instanceof TaskwireError && error.code === "conflict") return create(keyless);
    throw error;
  });
}

async function fill({ rest }: Taskwire, project: Project, meId: string, now: Date): Promise<void> {
  const path = `/api/projects/${project.id}`;
  const labels = await Promise.all(sample.labels.map((label) => rest.request<Label>("POST", `${path}/labels`, label)));
  const labelIds = new Map(labels.map(({ name, id }) => [name, id]));
  const tasks: Task[] = [];
  // One after the other: their numbers and places follow the list.
  for (const wanted of sample.tasks) {
    const body = bodyOf(wanted, labelIds, meId, now);
    tasks.push(await rest.request<Task>("POST", `${path}/tasks`, body));
  }
  await Promise.all(sample.tasks.map((wanted, place) => addParts({ rest }, wanted, tasks, place)));
}

function bodyOf(task: SampleTask, labelIds: ReadonlyMap<string, string>, meId: string, now: Date): CreateTask {
  const { title, description, status, priority, dueInDays, atHour, labels = [], mine } = task;
  return {
    title,
    status,
    ...(description !== undefined && { description }),
    ...(priority !== undefined && { priority }),
    ...(dueInDays !== undefined && { due_at: dueAt(now, dueInDays, atHour), all_day: atHour === undefined }),
    ...(mine && { assignee_ids: [meId] }),
    label_ids: labels.map((name) => labelIds.get(name)).filter((id) => id !== undefined),
  };
}

/** An all-day date is midnight UTC of the day here (H5). */
function dueAt(now: Date, days: number, hour: number | undefined): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate() + days];
  const at = hour === undefined ? Date.UTC(year, month, day) : new Date(year, month, day, hour).getTime();
  return new Date(at).toISOString();
}

/** Checklist, comments and what it waits for, each in order. */
async function addParts(
  { rest }: Pick<Taskwire, "rest">,
  { checklist = [], comments = [], waitsFor }: SampleTask,
  tasks: readonly Task[],
  place: number,
): Promise<void> {
  const path = `/api/tasks/${tasks[place]?.id}`;
  for (const [title, done] of checklist) {
    const body: CreateChecklistItem = { title };
    const { id } = await rest.request<{ id: string }>("POST", `${path}/checklist`, body);
    if (done) await rest.request("PATCH", `/api/checklist/${id}`, { done });
  }
  for (const content of comments) await rest.request("POST", `${path}/comments`, { content });
  const first = waitsFor === undefined ? undefined : tasks[waitsFor];
  if (first) await rest.request("PUT", `${path}/blocked-by/${first.id}`);
}
