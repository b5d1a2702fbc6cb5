/** The truth in the corner: without a network and without a server, edits wait, are sent once, and every window is equal. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import { describeBoard, moveByMenu } from "./boards.ts";
import { cardOf, columnOf, type Seat } from "./browser.ts";

const columns = ["To do", "In progress", "Review", "Completed"];

/** Column → the keys and titles of its cards, from top to bottom, as this window shows them. */
async function shownIn(page: Page): Promise<Record<string, (string | null)[]>> {
  const shown = columns.map(async (column): Promise<[string, (string | null)[]]> => {
    const cards = await columnOf(page, column).locator(".card").all();
    return [column, await Promise.all(cards.map((card) => card.textContent()))];
  });
  return Object.fromEntries(await Promise.all(shown));
}

const eventNames = async (seat: Seat, project: Project, since: number): Promise<string[]> => {
  const path = `/api/projects/${project.id}/events?since=${since}`;
  const { items } = await seat.call<{ items: { event: string; seq: number }[] }>("GET", path);
  return items.map(({ event }) => event);
};

/** Settles when a part of the page that comes later is there. */
const loaded = async (page: Page, part: string): Promise<void> => {
  await page.waitForFunction(
    (name) => performance.getEntriesByType("resource").some((file) => file.name.includes(`/assets/${name}-`)),
    part,
  );
};

async function add(page: Page, column: string, title: string): Promise<void> {
  await page.getByLabel(`Add a task to ${column}`).fill(title);
  await page.keyboard.press("Enter");
  await cardOf(page, title).waitFor();
}

describeBoard("the truth in the corner", (stage) => {
  test("a browser without network says since when, keeps edits, shows them when asked, and sends each once", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint", "Sand");
    const before = (await eventNames(ana, project, 0)).length;
    await loaded(ben.page, "inbox-view");
    await ben.context.setOffline(true);
    await ben.waitForCorner(/^Offline since \d\d:\d\d$/);
    await ben.page.keyboard.press("g");
    await ben.page.keyboard.press("i");
    await ben.page.getByRole("heading", { name: "Inbox", level: 1 }).waitFor();
    await ben.page.goBack();
    await moveByMenu(ben.page, "Paint", "Review");
    await moveByMenu(ben.page, "Sand", "In progress");
    await add(ben.page, "To do", "Written on the train");
    await ben.waitForCorner(/^Offline since \d\d:\d\d, 3 changes waiting$/);

    await cardOf(ben.page, "Sand").click();
    const drawer = ben.page.getByRole("dialog", { name: "Sand" });
    await drawer.getByText("Shown when the connection is back.").first().waitFor();
    await ben.page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });

    await ben.page.locator(".corner").click();
    const details = ben.page.getByRole("dialog", { name: "Connection" });
    expect(await details.getByRole("listitem").count()).toBe(3);
    await details.getByText("Written on the train").waitFor();
    await ben.page.keyboard.press("Escape");
    await details.waitFor({ state: "detached" });

    await ben.context.setOffline(false);
    await ben.waitForCorner(/^Live$/);
    await cardOf(ana.page, "Written on the train").getByText(/-3$/).waitFor();
    await cardOf(ben.page, "Written on the train").getByText(/-3$/).waitFor();
    await columnOf(ana.page, "In progress").getByText("Sand").waitFor();
    expect(await shownIn(ben.page)).toEqual(await shownIn(ana.page));
    const after = await eventNames(ana, project, before);
    expect(after.sort()).toEqual(["task_created", "task_status_changed", "task_status_changed"]);
  });

  test("over a server that is killed both windows keep working, and are equal when it is back", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint", "Sand", "Nail");
    const before = (await eventNames(ana, project, 0)).length;
    await stage.server.kill("SIGKILL");
    await Promise.all([ana.waitForCorner("Offline since"), ben.waitForCorner("Offline since")]);
    await moveByMenu(ana.page, "Paint", "Review");
    await moveByMenu(ben.page, "Nail", "Completed");
    await add(ana.page, "To do", "While it was down");
    await ana.waitForCorner("2 changes waiting");
    await stage.server.start();
    await Promise.all([ana.waitForCorner(/^Live$/), ben.waitForCorner(/^Live$/)]);
    for (const { page } of [ana, ben]) {
      await columnOf(page, "Review").getByText("Paint").waitFor();
      await columnOf(page, "Completed").getByText("Nail").waitFor();
      await cardOf(page, "While it was down").getByText(/-4$/).waitFor();
    }
    expect(await shownIn(ben.page)).toEqual(await shownIn(ana.page));
    const after = await eventNames(ana, project, before);
    expect(after.sort()).toEqual(["task_created", "task_status_changed", "task_status_changed"]);
  });
});
