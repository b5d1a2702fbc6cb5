/** Attacks in every field that people fill in, shown on every view by a real browser: nothing runs, nothing is even blocked. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { addMember, describeBoard, makeTask, type Stage } from "./boards.ts";
import type { Seat } from "./browser.ts";
import { attacks } from "./markup.ts";

interface Attacked {
  readonly project: Project;
  readonly tasks: readonly Task[];
}

/** A project with each attack in each of its fields, and people named like them. */
async function fill(ana: Seat, ben: Seat): Promise<Attacked> {
  const project = await ana.call<Project>("POST", "/api/projects", { name: attacks[3], description: attacks[0] });
  await addMember(ana, project, ben, "member");
  const path = `/api/projects/${project.id}`;
  for (const name of attacks.slice(0, 6)) await ana.call("POST", `${path}/columns`, { name: name.slice(0, 100) });
  const label = (name: string) => ana.call<{ id: string }>("POST", `${path}/labels`, { name, color: "#1f6feb" });
  const labels = await Promise.all(attacks.map((attack) => label(attack.slice(0, 100))));
  const me = await ana.call<{ id: string }>("GET", "/api/me");
  const tasks: Task[] = [];
  for (const [at, attack] of attacks.entries()) {
    const parts = { title: attack, description: attack, assignee_ids: [me.id], label_ids: [labels[at]?.id ?? ""] };
    const task = await makeTask(ben, project, parts);
    await ben.call("POST", `/api/tasks/${task.id}/comments`, { content: `@${attacks[3]} ${attack}` });
    await ben.call("POST", `/api/tasks/${task.id}/checklist`, { title: attack });
    tasks.push(task);
  }
  const [first] = tasks;
  for (const attack of attacks.slice(0, 5))
    await makeTask(ben, project, { title: attack, parent_id: first?.id ?? null });
  return { project, tasks };
}

/** Notes what the policy had to block; in the page before anything of the page itself. */
const listen = (): void => {
  const found: string[] = [];
  Object.assign(globalThis, { blocked: found });
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    found.push(`${violatedDirective} ${blockedURI}`);
  });
};

/** What is wrong with the page as it stands. */
const inspect = (): string[] => {
  const root = document.getElementById("page");
  const bad = root?.querySelectorAll("script, iframe, object, embed, style, base, meta, link, img, math") ?? [];
  const wrong = [...bad].map((element) => `element ${element.outerHTML}`);
  for (const element of root?.querySelectorAll("*") ?? []) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) wrong.push(`${name} on ${element.outerHTML}`);
      if (
        /^(?:href|src|action|formaction|data)$/.test(name) &&
        !/^(?:\/|https?:|mailto:)/i.test(value) &&
        value !== "#content"
      )
        wrong.push(`${name}=${value}`);
    }
  }
  const { blocked, taken } = globalThis as { blocked?: readonly string[]; taken?: unknown };
  if (!blocked) wrong.push("nobody listened");
  if (taken !== undefined) wrong.push("a script ran");
  return [...wrong, ...(blocked ?? [])];
};

const look = (page: Page): Promise<string[]> => page.evaluate(inspect);

describeBoard("attacks in fields", (stage: Stage) => {
  test("nothing runs and nothing has to be blocked, on any view", async () => {
    const [ana, ben] = [await stage.sit("Ana"), await stage.sit("Ben")];
    await ana.call("PATCH", "/api/me", { name: attacks[3] });
    await ben.call("PATCH", "/api/me", { name: attacks[0] });
    const { project, tasks } = await fill(ana, ben);
    const { page } = ana;
    await page.addInitScript(listen);
    const board = `/projects/${project.id}`;

    const shown: Record<string, readonly string[]> = {};
    const visit = async (path: string, marker: string): Promise<void> => {
      await page.goto(`${stage.server.url}${path}`);
      await page.getByText(marker).first().waitFor();
      shown[path] = await look(page);
    };
    await visit("/", attacks[3] ?? "");
    await visit(board, attacks[1] ?? "");
    for (const tab of ["general", "members", "columns", "labels"]) await visit(`${board}/settings/${tab}`, "Board");
    await visit("/settings/profile", "Profile");
    await visit("/inbox", attacks[0] ?? "");
    for (const task of tasks) {
      await page.goto(`${stage.server.url}${board}/tasks/${task.id}`);
      const drawer = page.getByRole("dialog");
      await drawer.locator(".markdown:not(.plain-text)").nth(1).waitFor();
      shown[task.title] = await look(page);
    }
    expect(Object.keys(shown).length).toBe(attacks.length + 8);
    expect(Object.entries(shown).filter(([, wrong]) => wrong.length > 0)).toEqual([]);
  }, 180_000);

  test("the listener and the inspection find what is there", async () => {
    const ana = await stage.sit("Ana");
    // A window of its own: what the policy blocks in this one is no fault of the page.
    const page = await ana.context.newPage();
    await page.addInitScript(listen);
    await page.goto(stage.server.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await look(page)).toEqual([]);
    await page.evaluate((markup) => {
      const place = document.createElement("div");
      place.innerHTML = markup;
      document.getElementById("page")?.append(place);
    }, `<img src="/nothing.png" onerror="globalThis.taken=1"><a href="javascript:1">x</a>`);
    await page.waitForFunction(() => (globalThis as { blocked?: readonly string[] }).blocked?.length);
    const found = await look(page);
    expect(found.some((line) => line.startsWith("script-src"))).toBe(true);
    expect(found).toContain("href=javascript:1");
    expect(found.some((line) => line.startsWith("onerror"))).toBe(true);
  });
});
