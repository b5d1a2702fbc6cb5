/** A board of 2,000 cards in a real browser: only what is near is rendered, and everything still works. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { describeBoard, linkOf, makeTask } from "./boards.ts";
import { cardOf, columnOf, type Seat } from "./browser.ts";

const statuses = ["todo", "in_progress", "review", "completed"];
const perColumn = 500;

/** Titles `To 0` … in the first column, and so on. */
async function makeLargeBoard(ana: Seat): Promise<Project> {
  const project = await ana.call<Project>("POST", "/api/projects", { name: "Large" });
  for (let row = 0; row < perColumn; row++) {
    const title = `Task ${row}.${row % 3 === 0 ? " with a title that is longer than one line of a card" : ""}`;
    await Promise.all(statuses.map((status) => makeTask(ana, project, { title: `${status} ${title}`, status })));
  }
  return project;
}

const rendered = (page: Page): Promise<number> => page.locator(".card").count();

describeBoard("2,000 cards", (stage) => {
  test("are a window onto each column, in which scrolling, keys, dragging and the browser's search reach every card", async () => {
    const [ana, ben] = [await stage.sit("Ana"), await stage.sit("Ben")];
    const project = await makeLargeBoard(ana);
    await ana.call("POST", `/api/projects/${project.id}/members`, { email: ben.email, role: "member" });
    await Promise.all([ana.openBoard(project), ben.openBoard(project)]);
    const { page } = ana;
    await columnOf(page, "To do").getByText("500", { exact: true }).waitFor();
    await cardOf(page, "todo Task 0.").waitFor();
    expect(await rendered(page)).toBeLessThan(150);
    const list = page.locator('[data-cards="todo"]');
    expect(await list.evaluate((element) => element.scrollHeight)).toBeGreaterThan(perColumn * 60);

    // Scrolled to the end, the end is there and the start is not.
    await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await cardOf(page, "todo Task 499.").waitFor();
    await cardOf(page, "todo Task 3.").waitFor({ state: "detached" });
    expect(await rendered(page)).toBeLessThan(150);

    // The keyboard goes to a card that was not rendered, which is scrolled to.
    await linkOf(page, "todo Task 499.").focus();
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("todo Task 0."));
    expect(await list.evaluate((element) => element.scrollTop)).toBeLessThan(8);
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.activeElement?.textContent?.startsWith("todo Task 499."));

    // Carried from the end of one column to the other, where it lands beside the same row.
    await cardOf(page, "todo Task 499.").dragTo(columnOf(page, "In progress"), { targetPosition: { x: 80, y: 60 } });
    await cardOf(ben.page, "todo Task 499.").waitFor();

    // The focus stays while its card is out of sight.
    await linkOf(page, "todo Task 499.").focus();
    await page.locator('[data-cards="in_progress"]').evaluate((element) => element.scrollTo({ top: 20_000 }));
    await cardOf(page, "in_progress Task 0.").waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toStartWith("todo Task 499.");

    // The browser's search finds what was not rendered before.
    await page.keyboard.press("Control+f");
    await page.waitForFunction(() => document.querySelectorAll(".card").length === 2000);
    expect(await page.evaluate(() => Reflect.apply(Reflect.get(window, "find"), window, ["completed Task 421."]))).toBe(
      true,
    );
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelectorAll(".card").length < 200);
  }, 120_000);

  test("a card that changes is the only one whose part of the page is touched", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard(
      ...Array.from({ length: 12 }, (_, index) => `Task ${index}.`),
    );
    const task = await makeTask(ana, project, { title: "Sand" });
    await cardOf(ben.page, "Sand").waitFor();
    // A rendering that changed nothing leaves the page as it is; one that did is seen in the nodes it touched.
    await ben.page.evaluate(() => {
      const touched = new Set<string>();
      Object.assign(window, { touched });
      new MutationObserver((records) => {
        for (const { target } of records) {
          const card = (target instanceof Element ? target : target.parentElement)?.closest(".card");
          if (card) touched.add(card.querySelector(".card-title")?.textContent ?? "");
        }
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await ana.call("PATCH", `/api/tasks/${task.id}`, { title: "Sand twice", priority: "high" });
    await cardOf(ben.page, "Sand twice").waitFor();
    const touched = await ben.page.evaluate(() => [...(Reflect.get(window, "touched") as Set<string>)]);
    expect(touched).toEqual(["Sand twice"]);
  });
});
