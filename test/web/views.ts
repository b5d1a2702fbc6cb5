/** Every view of the page, with something to show in it: for what must hold on all of them. */
import type { Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { addMember, makeTask, type Stage } from "./boards.ts";
import type { Seat } from "./browser.ts";

export interface View {
  readonly name: string;
  /** Leads there and waits until it is there. */
  open(page: Page): Promise<void>;
}

/** What people wrote. Of letters that no text of the page has, so that the two can be told apart. */
const written = {
  ana: "Άννα Μπεργκ",
  ben: "Βέν",
  project: "Ιστότοπος",
  columns: ["Νέα", "Τώρα", "Έλεγχος", "Έτοιμα"],
  label: "σφάλμα",
  task: "Βάψε την πόρτα",
  other: "Τρίψε το πάτωμα",
  description: "**Πρώτα** το [χρώμα](https://example.org)\n\n- ένα\n- δύο\n\n`κώδικας`",
  comment: "Τι χρώμα;",
  item: "Αγόρασε πινέλο",
} as const;

/** Keys are a server's own: a file may furnish more than one project. */
let furnished = 0;

/** Ana's project, with one of everything in it; Ben is a member and has told her something. */
export async function furnish(stage: Stage): Promise<{ readonly ana: Seat; readonly views: readonly View[] }> {
  const [ana, ben] = [await stage.sit("Ana"), await stage.sit("Ben")];
  await ana.call("PATCH", "/api/me", { name: written.ana });
  await ben.call("PATCH", "/api/me", { name: written.ben });
  const key = furnished++ === 0 ? "WEB" : `WEB${furnished}`;
  const project = await ana.call<Project>("POST", "/api/projects", { name: written.project, key });
  const path = `/api/projects/${project.id}`;
  await addMember(ana, project, ben, "member");
  const { items: columns } = await ana.call<{ items: { id: string }[] }>("GET", `${path}/columns`);
  for (const [at, { id }] of columns.entries()) {
    await ana.call("PATCH", `${path}/columns/${id}`, { name: written.columns[at], ...(at === 1 && { wip_limit: 1 }) });
  }
  const label = await ana.call<{ id: string }>("POST", `${path}/labels`, { name: written.label, color: "#cf222e" });
  const task = await fill(ana, ben, project, label.id);
  return { ana, views: [...pages(stage.server.url, project, task), ...layers(stage.server.url, project)] };
}

async function fill(ana: Seat, ben: Seat, project: Project, labelId: string): Promise<Task> {
  const me = await ana.call<{ id: string }>("GET", "/api/me");
  const due_at = new Date(Date.now() + 86_400_000).toISOString();
  const fields = { due_at, priority: "urgent" as const, label_ids: [labelId], assignee_ids: [me.id] };
  const task = await makeTask(ben, project, { title: written.task, description: written.description, ...fields });
  const other = await makeTask(ben, project, { title: written.other, status: "in_progress", priority: "low" });
  await makeTask(ben, project, { title: written.other, status: "in_progress" });
  await makeTask(ben, project, { title: written.item, parent_id: task.id });
  await ben.call("POST", `/api/tasks/${task.id}/comments`, { content: `@${written.ana} ${written.comment}` });
  await ben.call("POST", `/api/tasks/${task.id}/checklist`, { title: written.item });
  await ben.call("PUT", `/api/tasks/${task.id}/blocked-by/${other.id}`);
  return task;
}

/** Those with an address. `sign`: an element that tells that it is there. */
function pages(url: string, project: Project, task: Task): View[] {
  const at = (name: string, path: string, sign: string): View => ({
    name,
    async open(page) {
      await page.goto(url + path);
      await page.locator(sign).first().waitFor();
      await page.locator(".corner[data-state=live]").waitFor();
      await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
    },
  });
  const board = `/projects/${project.id}`;
  return [
    at("projects", "/", ".project-list a"),
    at("board", board, ".card"),
    at("board, filtered to nothing", `${board}?q=nothing-of-this-kind`, "h1"),
    at("a board that is not there", `/projects/${crypto.randomUUID()}`, ".empty-state"),
    at("task", `${board}/tasks/${task.id}`, "dialog.drawer .markdown:not(.plain-text)"),
    ...["general", "members", "columns", "labels"].map((tab) =>
      at(`project: ${tab}`, `${board}/settings/${tab}`, ".tab"),
    ),
    ...["profile", "sessions", "api-keys", "notifications", "appearance"].map((tab) =>
      at(`mine: ${tab}`, `/settings/${tab}`, ".tab"),
    ),
    at("inbox", "/inbox", "h1"),
  ];
}

/** Those above a page. */
function layers(url: string, project: Project): View[] {
  const above = (name: string, open: (page: Page) => Promise<void>, sign: string): View => ({
    name,
    async open(page) {
      await page.goto(`${url}/projects/${project.id}`);
      await page.locator(".card").first().waitFor();
      await page.locator(".corner[data-state=live]").waitFor();
      await open(page);
      await page.locator(sign).first().waitFor();
    },
  });
  const press = (selector: string) => (page: Page) => page.locator(selector).first().click();
  return [
    above("my menu", press(".me"), "[role=menu]"),
    above("connection", press(".corner"), ".corner-details"),
    above("new project", press(".side-title button"), "dialog.dialog"),
    above("bell", press(".side-head [aria-haspopup]"), ".popover"),
    above("palette", (page) => page.keyboard.press("Control+k"), "dialog"),
    above("shortcuts", (page) => page.keyboard.press("?"), "dialog"),
    above("menu of a card", press(".card [aria-haspopup=menu]"), "[role=menu]"),
    above("menu of a column", press(".column-head [aria-haspopup=menu]"), "[role=menu]"),
  ];
}

/** Those of who is not signed in. */
export const strangersViews = (url: string): View[] => [
  {
    name: "sign in",
    async open(page) {
      await page.goto(url);
      await page.locator("input[type=password]").waitFor();
    },
  },
  {
    name: "sign up",
    async open(page) {
      await page.goto(`${url}/setup?token=nothing`);
      await page.locator("input[name=name]").waitFor();
    },
  },
];
