/** Cards and columns on their way: by mouse, finger and keys, and back again. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { addMember, announced, describeBoard, linkOf, openMenu } from "./boards.ts";
import { cardOf, columnOf, titlesIn } from "./browser.ts";
import { fingerOn, middleOf, type Point, touched } from "./finger.ts";

/** While something is dragged the browser tells of a point only once the mouse has moved on from it. */
async function dragTo(page: Page, { x, y }: Point): Promise<void> {
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.move(x + 1, y);
}

/** Settles when it has the keyboard. */
const hasFocus = (element: Locator): Promise<void> => element.and(element.page().locator(":focus")).waitFor();

const columnNames = (page: Page): Promise<string[]> => page.locator(".column-name").allTextContents();

describeBoard("dragging", (stage) => {
  test("a card dragged by one moves at the other, to the place where it was dropped", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand", "Nail");
    await cardOf(ana.page, "Nail").dragTo(columnOf(ana.page, "In progress"));
    await columnOf(ben.page, "In progress").getByText("Nail").waitFor();
    await cardOf(ben.page, "Paint").dragTo(cardOf(ben.page, "Nail"), { targetPosition: { x: 40, y: 4 } });
    await columnOf(ana.page, "In progress").getByText("Paint").waitFor();
    await cardOf(ana.page, "Sand").dragTo(cardOf(ana.page, "Nail"), { targetPosition: { x: 40, y: 4 } });
    for (const { page } of [ana, ben]) {
      await columnOf(page, "In progress").getByText("Sand").waitFor();
      expect(await titlesIn(page, "In progress")).toEqual(["Paint", "Sand", "Nail"]);
      expect(await titlesIn(page, "To do")).toEqual([]);
    }
  });

  test("while it is dragged a line shows the place; dropped outside of the board, nothing moves", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint", "Sand"]);
    const [from, to] = [await middleOf(cardOf(page, "Paint")), await columnOf(page, "Review").boundingBox()];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 20, from.y);
    await dragTo(page, { x: (to?.x ?? 0) + 60, y: (to?.y ?? 0) + 100 });
    await columnOf(page, "Review").locator(".drop-line").waitFor();
    await dragTo(page, { x: from.x, y: 20 });
    await page.locator(".drop-line").waitFor({ state: "detached" });
    await page.mouse.up();
    await page.locator(".card[data-held]").waitFor({ state: "detached" });
    expect(await titlesIn(page, "To do")).toEqual(["Paint", "Sand"]);
  });

  test("undo brings a moved card back to where it stood", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand", "Nail");
    await cardOf(ana.page, "Sand").dragTo(columnOf(ana.page, "Review"));
    await columnOf(ben.page, "Review").getByText("Sand").waitFor();
    await ana.page.getByRole("button", { name: "Undo" }).click();
    await columnOf(ben.page, "To do").getByText("Sand").waitFor();
    for (const { page } of [ana, ben]) expect(await titlesIn(page, "To do")).toEqual(["Paint", "Sand", "Nail"]);
  });

  test("by keyboard: picked up, carried, put down and announced; the focus stays with the card", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand");
    const { page } = ana;
    await linkOf(page, "Paint").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await announced(page, /-2 picked up, place 2 of 2\./).waitFor();
    await page.keyboard.press("ArrowRight");
    await announced(page, "In progress, place 1 of 1").waitFor();
    await columnOf(page, "In progress").locator(".drop-line").waitFor();
    await page.keyboard.press("Space");
    await columnOf(ben.page, "In progress").getByText("Sand").waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "Sand");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Escape");
    await announced(page, /-2 is back in its place/).waitFor();
    expect(await titlesIn(page, "In progress")).toEqual(["Sand"]);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll('[data-cards="in_progress"] .card').length === 2);
    expect(await titlesIn(page, "In progress")).toEqual(["Sand", "Paint"]);
  });

  test("deleted by key with undo, which keeps it; without, it is gone for the other too", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand", "Nail");
    const { page } = ana;
    await linkOf(page, "Sand").press("Delete");
    await cardOf(page, "Sand").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.textContent === "Nail");
    await page.getByRole("button", { name: "Undo" }).click();
    await cardOf(page, "Sand").waitFor();
    expect(await titlesIn(ben.page, "To do")).toEqual(["Paint", "Sand", "Nail"]);
    await linkOf(page, "Paint").press("Delete");
    // The time for undoing is over when the page is left.
    await page.goto("about:blank");
    await cardOf(ben.page, "Paint").waitFor({ state: "detached" });
  });

  test("archived by the menu, and brought back by undo", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint");
    await openMenu(ana.page, "Paint");
    await ana.page.getByRole("menuitem", { name: "Archive" }).click();
    await cardOf(ben.page, "Paint").waitFor({ state: "detached" });
    await ana.page.getByRole("button", { name: "Undo" }).click();
    await cardOf(ben.page, "Paint").waitFor();
    await cardOf(ana.page, "Paint").waitFor();
  });

  test("a viewer is shown everything and can change nothing: no drag, no line to add, no keys", async () => {
    const [ana, project] = await stage.oneAtABoard(["Paint", "Sand"]);
    const eve = await stage.sit("Eve");
    await addMember(ana, project, eve, "viewer");
    await eve.openBoard(project);
    const { page } = eve;
    await cardOf(page, "Paint").waitFor();
    expect(await page.locator("[draggable=true], .quick-add, .card-menu, .new-column").count()).toBe(0);
    await cardOf(page, "Paint").dragTo(columnOf(page, "Review"));
    await linkOf(page, "Paint").focus();
    for (const key of ["Space", "ArrowRight", "Space", "Delete", "e", "c"]) await page.keyboard.press(key);
    await page.keyboard.press("Escape");
    expect(await titlesIn(page, "To do")).toEqual(["Paint", "Sand"]);
    expect(await titlesIn(ana.page, "To do")).toEqual(["Paint", "Sand"]);
  });

  test("a finger held on a card it carries it, and drops it where it is lifted", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint", "Sand"], touched);
    const finger = await fingerOn(page);
    const from = await middleOf(cardOf(page, "Paint"));
    const box = await columnOf(page, "In progress").boundingBox();
    await finger.down(from);
    await page.locator(".card-copy").waitFor();
    await finger.move(from, { x: (box?.x ?? 0) + 60, y: (box?.y ?? 0) + 120 });
    await columnOf(page, "In progress").locator(".drop-line").waitFor();
    await finger.up();
    await columnOf(page, "In progress").getByText("Paint").waitFor();
    expect(await page.locator(".card-copy").count()).toBe(0);
    // It was no tap.
    expect(page.url()).not.toContain("/tasks/");
  });

  test("a finger that holds a card and lets go where it was moves nothing and opens nothing", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint", "Sand"], touched);
    const finger = await fingerOn(page);
    await page.evaluate(() => {
      Object.assign(window, { clicks: 0 });
      document.addEventListener(
        "click",
        () => Object.assign(window, { clicks: Reflect.get(window, "clicks") + 1 }),
        true,
      );
    });
    await finger.down(await middleOf(cardOf(page, "Paint")));
    await page.locator(".card-copy").waitFor();
    await finger.up();
    await page.locator(".card-copy").waitFor({ state: "detached" });
    await announced(page, /-1 is back in its place/).waitFor();
    // What comes after it has come after a click, too.
    await cardOf(page, "Sand").tap();
    await page.waitForURL(/\/tasks\//);
    expect(await page.evaluate(() => Reflect.get(window, "clicks"))).toBe(1);
  });

  test("a finger that moves at once scrolls, and one that taps opens", async () => {
    const titles = Array.from({ length: 30 }, (_, index) => `Task ${index + 1}.`);
    const [{ page }] = await stage.oneAtABoard(titles, touched);
    const finger = await fingerOn(page);
    const from = await middleOf(cardOf(page, "Task 5."));
    const list = page.locator("[data-cards]").first();
    await list.evaluate((element) => {
      const rested = new Promise((resolve) => element.addEventListener("scrollend", () => resolve(true)));
      Object.assign(window, { rested });
    });
    await finger.flick(from, { x: from.x, y: from.y - 200 });
    await page.waitForFunction(() => (document.querySelector("[data-cards]")?.scrollTop ?? 0) > 50);
    expect(await page.locator(".card-copy, .card[data-held]").count()).toBe(0);
    // It rolls on from there, nobody knows how far: a card that was looked for before may be gone.
    await page.evaluate(() => Reflect.get(window, "rested"));
    const shown = await list.evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const first = [...element.querySelectorAll(".card")].find((card) => card.getBoundingClientRect().top >= top);
      return first?.querySelector(".card-title")?.textContent ?? "none";
    });
    await cardOf(page, shown).tap();
    await page.waitForURL(/\/tasks\//);
  });

  test("columns are added, renamed in place, moved, limited and deleted with their tasks going elsewhere, for all to see", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand");
    const { page } = ana;
    await page.getByRole("button", { name: "Add a column" }).click();
    await page.getByLabel("Name of the column").fill("Ideas");
    await page.keyboard.press("Enter");
    await columnOf(ben.page, "Ideas").waitFor();
    await page.keyboard.press("Escape");
    await hasFocus(page.getByRole("button", { name: "Add a column" }));

    await page.getByRole("heading", { name: "Ideas" }).dblclick();
    await page.getByLabel("Name of the column").fill("Wishes");
    await page.keyboard.press("Enter");
    await columnOf(ben.page, "Wishes").waitFor();
    await hasFocus(page.getByRole("button", { name: "More for the column Wishes" }));

    const menu = async (column: string, item: string) => {
      await page.getByRole("button", { name: `More for the column ${column}` }).click();
      await page.getByRole("menuitem", { name: item }).click();
    };
    await menu("Wishes", "Move left");
    await ben.page.waitForFunction(() => document.querySelectorAll(".column-name")[3]?.textContent === "Wishes");

    await menu("To do", "Set a limit…");
    await page.getByLabel("Most tasks at once").fill("1");
    await page.keyboard.press("Enter");
    await columnOf(ben.page, "To do").getByText("2 tasks, the limit is 1. More than the limit of 1").waitFor();

    await menu("To do", "Delete");
    await page.getByLabel("Its 2 tasks go to").selectOption("Wishes");
    // Its news come before its answer, while the dialog in it is open.
    await page.route("**/api/projects/*/columns/*", async (route) => {
      const response = await route.fetch();
      await columnOf(page, "To do").waitFor({ state: "detached" });
      await route.fulfill({ response });
    });
    await page.getByRole("button", { name: "Delete column" }).click();
    await columnOf(ben.page, "Wishes").getByText("Sand").waitFor();
    await columnOf(ben.page, "To do").waitFor({ state: "detached" });
    await page.unrouteAll({ behavior: "wait" });
    await hasFocus(page.getByRole("main"));
    expect(await columnNames(ben.page)).toEqual(["In progress", "Review", "Wishes", "Completed"]);
    expect((await titlesIn(ben.page, "Wishes")).sort()).toEqual(["Paint", "Sand"]);
  });

  test("columns are dragged by their heads", async () => {
    const [{ page }] = await stage.oneAtABoard([]);
    const head = (name: string) => columnOf(page, name).locator(".column-head");
    await head("Review").dragTo(head("To do"), { targetPosition: { x: 10, y: 10 } });
    await page.waitForFunction(() => document.querySelector(".column-name")?.textContent === "Review");
    expect(await columnNames(page)).toEqual(["Review", "To do", "In progress", "Completed"]);
  });

  test("a column is moved by a finger that holds its head, and a tap on it moves nothing", async () => {
    const [{ page }] = await stage.oneAtABoard([], touched);
    const finger = await fingerOn(page);
    const head = (name: string) => columnOf(page, name).locator(".column-head");
    await head("Review").tap({ position: { x: 60, y: 20 } });
    const [from, to] = [await middleOf(head("Review")), await columnOf(page, "To do").boundingBox()];
    await finger.down(from);
    await page.locator(".column-head-copy").waitFor();
    await finger.move(from, { x: (to?.x ?? 0) + 40, y: from.y + 200 });
    await page.locator(".column[data-landing]").and(columnOf(page, "To do")).waitFor();
    await finger.up();
    await announced(page, "Review moved, place 1 of 4").waitFor();
    await page.locator(".column-head-copy").waitFor({ state: "detached" });
    expect(await columnNames(page)).toEqual(["Review", "To do", "In progress", "Completed"]);
  });

  test("a column is moved by the arrow keys on its handle, announced, and the handle keeps the focus", async () => {
    const [ana, ben] = await stage.twoAtOneBoard();
    const { page } = ana;
    const grip = page.getByRole("button", { name: "Move the column To do" });
    await grip.focus();
    await page.keyboard.press("ArrowRight");
    await announced(page, "To do moved, place 2 of 4").waitFor();
    await hasFocus(grip);
    await page.keyboard.press("ArrowRight");
    await announced(page, "To do moved, place 3 of 4").waitFor();
    await hasFocus(grip);
    await page.keyboard.press("ArrowLeft");
    await announced(page, "To do moved, place 2 of 4").waitFor();
    await ben.page.waitForFunction(() => document.querySelectorAll(".column-name")[1]?.textContent === "To do");
    expect(await columnNames(ben.page)).toEqual(["In progress", "To do", "Review", "Completed"]);
    // At an end there is nowhere to go.
    await page.keyboard.press("ArrowLeft");
    await announced(page, "To do moved, place 1 of 4").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowRight");
    await announced(page, "To do moved, place 2 of 4").waitFor();
    await hasFocus(grip);
  });
});
