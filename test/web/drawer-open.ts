/** Tasks opened in drawers, for the tests of the drawer. */
import type { Locator, Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { addMember, makeTask, type Stage } from "./boards.ts";
import type { Seat } from "./browser.ts";

export const drawerOf = (page: Page): Locator => page.locator("dialog.drawer");

/** Opens the task by its address and waits until it is there. */
export async function openTask(seat: Seat, url: string, task: Task): Promise<Locator> {
  // What does not come within this time does not come: the test says which it was, before its own time is over.
  seat.page.setDefaultTimeout(15_000);
  await seat.page.goto(`${url}/projects/${task.project_id}/tasks/${task.id}`);
  const drawer = drawerOf(seat.page);
  await drawer.locator(".comments:not(:has([aria-busy]))").waitFor();
  return drawer;
}

export interface Opened {
  readonly ana: Seat;
  readonly ben: Seat;
  readonly project: Project;
  readonly task: Task;
  /** The drawer at each of them. */
  readonly at: { readonly ana: Locator; readonly ben: Locator };
}

/** Ana, who owns the project, and Ben before one open task; Ben's network is the link. */
export async function twoAtOneTask(stage: Stage, fields: Partial<Task> = {}, role = "member"): Promise<Opened> {
  const [ana, ben] = [await stage.sit("Ana"), await stage.sit("Ben", {}, stage.link.url)];
  const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
  await addMember(ana, project, ben, role);
  const task = await makeTask(ana, project, { title: "Paint the fence", ...fields });
  const [anas, bens] = await Promise.all([openTask(ana, stage.server.url, task), openTask(ben, stage.link.url, task)]);
  return { ana, ben, project, task, at: { ana: anas, ben: bens } };
}

export const titleIn = (drawer: Locator): Locator => drawer.getByRole("textbox", { name: "Title" });

/** Begins to write the description; answers the field. */
export async function writeDescription(drawer: Locator): Promise<Locator> {
  await drawer.getByRole("button", { name: /^(Add a description|Edit description)/ }).click();
  return drawer.getByRole("textbox", { name: "Description" });
}

export const commentField = (drawer: Locator): Locator => drawer.getByRole("textbox", { name: "Write a comment" });

/** Settles when the drawer says that what was typed is on the server. */
export const saved = (drawer: Locator): Promise<void> => drawer.getByText("Saved", { exact: true }).waitFor();
