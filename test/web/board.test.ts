/** The board in a real browser, before the real server: two people, one board, and a network that fails. */
import { expect, test } from "bun:test";
import type { Member, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeBoard, linkOf, makeTask, moveByMenu } from "./boards.ts";
import { cardOf, columnOf, type Seat, titlesIn } from "./browser.ts";

const eventNames = async (seat: Seat, project: Project): Promise<string[]> => {
  const { items } = await seat.call<{ items: { event: string }[] }>(
    "GET",
    `/api/projects/${project.id}/events?since=0`,
  );
  return items.map(({ event }) => event);
};

describeBoard("the board", (stage) => {
  test("the daily loop: added by one, opened, renamed, moved and seen by the other each time", async () => {
    const [ana, ben] = await stage.twoAtOneBoard();
    await ana.page.getByLabel("Add a task to To do").fill("Paint the door");
    await ana.page.keyboard.press("Enter");
    await cardOf(ben.page, "Paint the door").getByText(/-1$/).waitFor();
    await linkOf(ben.page, "Paint the door").focus();
    await ben.page.keyboard.press("e");
    await ben.page.getByLabel(/^Title of/).fill("Paint the gate");
    await ben.page.keyboard.press("Enter");
    await cardOf(ana.page, "Paint the gate").waitFor();
    await moveByMenu(ana.page, "Paint the gate", "In progress");
    await columnOf(ben.page, "In progress").getByText("Paint the gate").waitFor();
    await linkOf(ben.page, "Paint the gate").click();
    await ben.page.waitForURL(/\/projects\/[^/]+\/tasks\/[^/]+$/);
    await ben.page.getByRole("dialog").waitFor();
    await ben.page.keyboard.press("Escape");
    await ben.page.waitForURL(/\/projects\/[^/]+$/);
    expect(await ben.page.evaluate(() => document.activeElement?.textContent)).toBe("Paint the gate");
  });

  test("who is here and who looks at a card are seen by the other", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint");
    await ana.page.getByRole("list", { name: "Here now" }).getByRole("img", { name: "Ben (active)" }).waitFor();
    await linkOf(ana.page, "Paint").click();
    await cardOf(ben.page, "Paint").getByRole("img", { name: "Ana is looking at it" }).waitFor();
    await ana.page.keyboard.press("Escape");
    await cardOf(ben.page, "Paint").getByRole("img", { name: "Ana is looking at it" }).waitFor({ state: "detached" });
  });

  test("who edits a title is seen typing on the card", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint");
    await linkOf(ana.page, "Paint").press("e");
    await cardOf(ben.page, "Paint").getByRole("img", { name: "Ana is typing…" }).waitFor();
    await ana.page.keyboard.press("Escape");
    await cardOf(ben.page, "Paint").getByRole("img", { name: "Ana is typing…" }).waitFor({ state: "detached" });
  });

  test("a card changed by another flashes once, one changed here does not", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint", "Sand");
    const flashed = (seat: Seat) =>
      seat.page.evaluate(() => {
        const seen: string[] = [];
        document.addEventListener("animationstart", ({ animationName, target }) => {
          if (animationName === "flash" && target instanceof Element) {
            seen.push(target.querySelector(".card-title")?.textContent ?? "");
          }
        });
        Object.assign(window, { seen });
      });
    await Promise.all([flashed(ana), flashed(ben)]);
    await linkOf(ana.page, "Paint").press("e");
    await ana.page.getByLabel(/^Title of/).fill("Paint twice");
    await ana.page.keyboard.press("Enter");
    // It takes a second: who looks for the card itself may come too late.
    await ben.page.waitForFunction(() => Reflect.get(window, "seen").length > 0);
    await ben.page.waitForFunction(() => document.querySelector(".card[data-flash]") === null);
    const seen = (seat: Seat) => seat.page.evaluate(() => Reflect.get(window, "seen"));
    expect(await seen(ben)).toEqual(["Paint twice"]);
    expect(await seen(ana)).toEqual([]);
  });

  test("offline, edits show and wait and the corner says so; back online they are applied once", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint", "Sand");
    const before = await eventNames(ana, project);
    stage.link.cut();
    await ben.waitForCorner(/Offline since \d\d:\d\d/);
    await moveByMenu(ben.page, "Paint", "Review");
    await ben.page.getByLabel("Add a task to To do").fill("Written on the train");
    await ben.page.keyboard.press("Enter");
    await ben.waitForCorner("2 changes waiting");
    expect(await titlesIn(ben.page, "Review")).toEqual(["Paint"]);
    expect(await titlesIn(ben.page, "To do")).toEqual(["Sand", "Written on the train"]);
    await moveByMenu(ana.page, "Sand", "Completed");

    stage.link.mend();
    await ben.waitForCorner("Live");
    await columnOf(ana.page, "To do").getByText("Written on the train").waitFor();
    await columnOf(ben.page, "Completed").getByText("Sand").waitFor();
    for (const { page } of [ana, ben]) {
      await cardOf(page, "Written on the train").getByText(/-3$/).waitFor();
      expect(await titlesIn(page, "Review")).toEqual(["Paint"]);
    }
    const after = (await eventNames(ana, project)).slice(before.length);
    expect(after.sort()).toEqual(["task_created", "task_status_changed", "task_status_changed"]);
  });

  test("a server that is killed and comes back is caught up with, without a reload", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint");
    await stage.server.kill("SIGKILL");
    await ana.waitForCorner("Offline since");
    await moveByMenu(ana.page, "Paint", "Review");
    await stage.server.start();
    await Promise.all([ana.waitForCorner("Live"), ben.waitForCorner("Live")]);
    await columnOf(ben.page, "Review").getByText("Paint").waitFor();
  });

  test("a refused change is taken back, and the person is told why", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint");
    const { items } = await ana.call<{ items: Member[] }>("GET", `/api/projects/${project.id}/members`);
    const member = items.find(({ user }) => user.name === "Ben");
    stage.link.cut();
    await ben.waitForCorner("Offline since");
    await moveByMenu(ben.page, "Paint", "Review");
    await ana.call("PATCH", `/api/projects/${project.id}/members/${member?.user_id}`, { role: "viewer" });
    stage.link.mend();
    await ben.page.getByRole("alert").getByText("Not saved:").waitFor();
    expect(await titlesIn(ben.page, "To do")).toEqual(["Paint"]);
    // A viewer is offered nothing to change.
    await cardOf(ben.page, "Paint").getByRole("button").waitFor({ state: "detached" });
  });

  test("text that looks like markup stays text", async () => {
    const markup = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
    const [ana] = await stage.oneAtABoard([markup]);
    await cardOf(ana.page, "onerror").waitFor();
    expect(await ana.page.locator("#page img, #page script").count()).toBe(0);
  });

  test("who is removed from the project is told so on the board, and can change nothing there", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint");
    const me = await ben.call<{ id: string }>("GET", "/api/me");
    await ana.context.request.delete(`${stage.server.url}/api/projects/${project.id}/members/${me.id}`);
    await ben.page.getByText("You are no longer a member of this project.").waitFor();
    await ben.page.getByLabel("Add a task to To do").waitFor({ state: "detached" });
    await ben.page.getByRole("alert").getByRole("link", { name: "All projects" }).click();
    await ben.page.getByText("No projects yet").waitFor();
  });

  test("a board that is not there or not one's own says so and leads back", async () => {
    const ana = await stage.sit("Ana");
    await ana.page.goto(`${stage.server.url}/projects/${crypto.randomUUID()}`);
    await ana.page.getByText("This board cannot be opened").waitFor();
    await ana.page.getByRole("main").getByRole("link", { name: "All projects" }).click();
    await ana.page.waitForURL(`${stage.server.url}/`);
  });

  test("on a phone of 360 pixels nothing sticks out, columns snap one at a time, and a card can be moved", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const [{ page }] = await stage.oneAtABoard(["Paint".repeat(30)], phone);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const left = async (column: string) => (await columnOf(page, column).boundingBox())?.x;
    expect(await left("To do")).toBe(16);
    await page.locator(".board").evaluate((board) => board.scrollBy({ left: 200 }));
    await page.waitForFunction(() => {
      const columns = [...document.querySelectorAll(".column")];
      return columns[1]?.getBoundingClientRect().left === 16;
    });
    await page.locator(".board").evaluate((board) => board.scrollTo({ left: 0 }));
    await moveByMenu(page, "PaintPaint", "In progress");
    await columnOf(page, "In progress").getByText("PaintPaint").tap();
    await page.getByRole("dialog", { name: /PaintPaint/ }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test("in a narrow window the filters are folded under a button that counts them, and none sticks out", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint", "Sand"], { viewport: { width: 320, height: 700 } });
    const fold = page.getByRole("button", { name: /^Filters/ });
    await page.getByRole("button", { name: "People" }).waitFor({ state: "hidden" });
    await fold.press("Enter");
    expect(await fold.getAttribute("aria-expanded")).toBe("true");
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("option", { name: "Ana (you)" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Due date" }).click();
    await page.getByRole("menuitemradio", { name: "Overdue" }).click();
    await page.getByText("2 tasks are hidden").waitFor();
    await fold.and(page.getByText("Filters (2)")).waitFor();
    const right = await page
      .locator(".filter-bar, .filter-bar :is(button, input)")
      .evaluateAll((all) => Math.max(...all.map((element) => element.getBoundingClientRect().right)));
    expect(right).toBeLessThanOrEqual(320);
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await cardOf(page, "Sand").waitFor();
    await fold.press("Enter");
    await page.getByRole("button", { name: "People" }).waitFor({ state: "hidden" });
  });

  test("comments and checklist items are counted on the card, and the numbers follow what happens", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint", "Sand");
    const { items } = await ana.call<{ items: Task[] }>("GET", `/api/projects/${project.id}/tasks`);
    const path = `/api/tasks/${items[0]?.id}`;
    const tally = (name: string) => cardOf(ben.page, "Paint").getByRole("img", { name });
    await ana.call("POST", `${path}/comments`, { content: "Which colour?" });
    await tally("1 comment").waitFor();
    const entry = await ana.call<{ id: string }>("POST", `${path}/checklist`, { title: "Buy paint" });
    await ana.call("POST", `${path}/checklist`, { title: "Buy a brush" });
    await tally("Checklist: 0 of 2 done").waitFor();
    await ana.call("PATCH", `/api/checklist/${entry.id}`, { done: true });
    await tally("Checklist: 1 of 2 done").waitFor();
    // As a snapshot tells it.
    await ben.page.reload();
    await tally("Checklist: 1 of 2 done").waitFor();
    await tally("1 comment").waitFor();
    expect(await cardOf(ben.page, "Sand").locator(".tally").count()).toBe(0);
  });

  test("subtasks done are counted on the card of the task they belong to", async () => {
    const [ana, project] = await stage.oneAtABoard([]);
    const parent = await makeTask(ana, project, { title: "House" });
    await makeTask(ana, project, { title: "Roof", parent_id: parent.id, status: "completed" });
    await makeTask(ana, project, { title: "Door", parent_id: parent.id });
    await cardOf(ana.page, "House").getByRole("img", { name: "Subtasks done: 1/2" }).waitFor();
  });
});
