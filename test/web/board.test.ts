/** The page in a real browser, before the real server: two people at one board. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import type { Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { createLink, type Link } from "../support/link.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { cardOf, chromiumPath, columnOf, launch, type Seat, sitDown, statusOf, titlesIn } from "./browser.ts";

let server: ServerProcess;
let link: Link;
let browser: Browser;
let seats: Seat[] = [];

const sit = async (name: string, url = server.url, options = {}): Promise<Seat> => {
  const seat = await sitDown(browser, url, name, options);
  seats.push(seat);
  return seat;
};

/** Ana and Ben before one board with these cards in its first column; Ben's network is the link. */
async function twoAtOneBoard(...titles: string[]): Promise<[Seat, Seat, Project]> {
  const [ana, ben] = [await sit("Ana"), await sit("Ben", link.url)];
  const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
  await ana.call("POST", `/api/projects/${project.id}/members`, { email: ben.email, role: "member" });
  for (const title of titles) await ana.call<Task>("POST", `/api/projects/${project.id}/tasks`, { title });
  await Promise.all([ana.openBoard(project), ben.openBoard(project)]);
  return [ana, ben, project];
}

const eventNames = async (seat: Seat, project: Project): Promise<string[]> => {
  const { items } = await seat.call<{ items: { event: string }[] }>(
    "GET",
    `/api/projects/${project.id}/events?since=0`,
  );
  return items.map(({ event }) => event);
};

describe.skipIf(chromiumPath === undefined)("the board", () => {
  beforeAll(async () => {
    server = await startServer();
    link = createLink(server.url);
    browser = await launch();
  });
  afterEach(async () => {
    link.mend();
    const faults = seats.flatMap((seat) => seat.faults.map((fault) => `${seat.name}: ${fault}`));
    await Promise.all(seats.map(({ context }) => context.close()));
    seats = [];
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    link.stop();
    await server.close();
  });

  test("a card dragged by one moves at the other, to the place where it was dropped", async () => {
    const [ana, ben] = await twoAtOneBoard("Paint", "Sand", "Nail");
    await cardOf(ana.page, "Nail").dragTo(columnOf(ana.page, "In progress"));
    await columnOf(ben.page, "In progress").getByText("Nail").waitFor();
    await cardOf(ben.page, "Paint").dragTo(cardOf(ben.page, "Nail"), { targetPosition: { x: 40, y: 4 } });
    await columnOf(ana.page, "In progress").getByText("Paint").waitFor();
    for (const { page } of [ana, ben]) {
      expect(await titlesIn(page, "In progress")).toEqual(["Paint", "Nail"]);
      expect(await titlesIn(page, "To do")).toEqual(["Sand"]);
    }
  });

  test("everything a mouse can do to a card can be done by keyboard", async () => {
    const [ana, ben] = await twoAtOneBoard("First", "Second");
    const { page } = ana;
    await statusOf(page, "First").focus();
    await page.keyboard.press("ArrowDown");
    await columnOf(ben.page, "In progress").getByText("First").waitFor();
    await page.getByRole("button", { name: "Second" }).focus();
    await page.keyboard.press("Enter");
    await page
      .getByRole("dialog")
      .getByLabel(/^Column of/)
      .selectOption("In progress");
    await page.getByRole("dialog").getByRole("button", { name: "Move up" }).press("Enter");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await columnOf(ben.page, "In progress").locator(".card").first().getByText("Second").waitFor();
    expect(await titlesIn(ben.page, "In progress")).toEqual(["Second", "First"]);
  });

  test("comments, who is here, who looks at a card and who types are seen by the other", async () => {
    const [ana, ben] = await twoAtOneBoard("Paint");
    await ana.page.getByRole("list", { name: "Here now" }).getByRole("img", { name: "Ben (active)" }).waitFor();
    await cardOf(ana.page, "Paint").getByRole("button").click();
    await cardOf(ben.page, "Paint").getByRole("img", { name: "Ana is looking at it" }).waitFor();
    await cardOf(ben.page, "Paint").getByRole("button").click();
    await ben.page.getByLabel("Write a comment").pressSequentially("Which colour?");
    await ana.page.getByText("Ben is typing…").waitFor();
    await ben.page.getByRole("button", { name: "Comment", exact: true }).click();
    await ana.page.getByRole("dialog").getByText("Which colour?").waitFor();
    await ana.page.getByText("Ben is typing…").waitFor({ state: "detached" });
  });

  test("offline, edits show and wait and the corner says so; back online they are applied once", async () => {
    const [ana, ben, project] = await twoAtOneBoard("Paint", "Sand");
    const before = await eventNames(ana, project);
    link.cut();
    await ben.waitForCorner(/^Offline since \d\d:\d\d$/);
    await statusOf(ben.page, "Paint").selectOption("Review");
    await ben.page.getByLabel("Add a task to To do").fill("Written on the train");
    await ben.page.keyboard.press("Enter");
    await ben.waitForCorner("2 changes waiting");
    expect(await titlesIn(ben.page, "Review")).toEqual(["Paint"]);
    expect(await titlesIn(ben.page, "To do")).toEqual(["Sand", "Written on the train"]);
    await statusOf(ana.page, "Sand").selectOption("Completed");

    link.mend();
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
    const [ana, ben] = await twoAtOneBoard("Paint");
    await server.kill("SIGKILL");
    await ana.waitForCorner("Offline since");
    await statusOf(ana.page, "Paint").selectOption("Review");
    await server.start();
    await Promise.all([ana.waitForCorner("Live"), ben.waitForCorner("Live")]);
    await columnOf(ben.page, "Review").getByText("Paint").waitFor();
  });

  test("a refused change is taken back, and the person is told why", async () => {
    const [ana, ben, project] = await twoAtOneBoard("Paint");
    const [member] = (
      await ana.call<{ items: { user_id: string; user: { name: string } }[] }>(
        "GET",
        `/api/projects/${project.id}/members`,
      )
    ).items.filter(({ user }) => user.name === "Ben");
    link.cut();
    await ben.waitForCorner("Offline since");
    await statusOf(ben.page, "Paint").selectOption("Review");
    await ana.call("PATCH", `/api/projects/${project.id}/members/${member?.user_id}`, { role: "viewer" });
    link.mend();
    await ben.page.getByRole("alert").getByText("Not saved:").waitFor();
    expect(await titlesIn(ben.page, "To do")).toEqual(["Paint"]);
    // A viewer is offered nothing to change.
    await statusOf(ben.page, "Paint").waitFor({ state: "detached" });
  });

  test("text that looks like markup stays text, in every place it is shown", async () => {
    const markup = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
    const [ana] = await twoAtOneBoard(markup);
    await cardOf(ana.page, "onerror").getByRole("button").click();
    await ana.page.getByLabel("Write a comment").fill(markup);
    await ana.page.getByRole("button", { name: "Comment", exact: true }).click();
    await ana.page.locator(".comment .text", { hasText: "onerror" }).waitFor();
    expect(await ana.page.locator("#page img, #page script").count()).toBe(0);
  });

  test("who is removed from the project is told so on the board", async () => {
    const [ana, ben, project] = await twoAtOneBoard("Paint");
    const me = await ben.call<{ id: string }>("GET", "/api/me");
    await ana.context.request.delete(`${server.url}/api/projects/${project.id}/members/${me.id}`);
    await ben.page.getByText("You are no longer a member of this project.").waitFor();
    await ben.page.getByRole("link", { name: "All projects" }).click();
    await ben.page.getByText("No projects yet").waitFor();
  });

  test("on a phone of 360 pixels nothing sticks out, and a card can be moved", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const ana = await sit("Ana", server.url, phone);
    const project = await ana.call<Project>("POST", "/api/projects", { name: "A project with quite a long name" });
    await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "Paint".repeat(30) });
    await ana.openBoard(project);
    const width = () => ana.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await ana.page.getByLabel(/^Column of/).selectOption("In progress");
    await columnOf(ana.page, "In progress").getByText("PaintPaint").tap();
    await ana.page.getByRole("dialog").waitFor();
    expect(await width()).toBe(360);
  });
});
