/** Two people, their project, and what tests of tasks do in it. */
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import type { TestApp } from "./app.ts";
import { addMember, getEvents, getSnapshot, makePerson, makeProject, ok, type Person } from "./people.ts";

export async function makeTeam(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  const { seq } = await getSnapshot(ana, project);
  return { ana, ben, project, seq };
}

export const update = async (person: Person, task: Pick<Task, "id">, body: object): Promise<Task> =>
  ok(await person.call<Task>("PATCH", `/api/tasks/${task.id}`, body), 200);
export const move = async (person: Person, task: Task, body: object): Promise<Task> =>
  ok(await person.call<Task>("POST", `/api/tasks/${task.id}/move`, body), 200);

export const told = async (person: Person, project: Project, since: number) =>
  (await getEvents(person, project, since)).map(({ event, data }) => ({ event, data }));

/** Ids in a column's order, as a client sorts them (H5). */
export async function column(person: Person, project: Project, status: string): Promise<string[]> {
  const { tasks } = await getSnapshot(person, project);
  return tasks.filter((task) => task.status === status).map((task) => task.id);
}

export async function makeLabel(app: TestApp, project: Project, name: string): Promise<string> {
  const id = Bun.randomUUIDv7();
  await app.database
    .sql`insert into labels (id, project_id, name, color) values (${id}, ${project.id}, ${name}, '#fff')`;
  await app.database.sql`update rooms set revision = revision + 1 where id = ${project.id}`;
  return id;
}
