/** Adding tasks by a line of text, and filtering by an address, in a real browser. */
import { expect, test } from "bun:test";
import type { Label, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { addMember, describeBoard, makeTask, openMenu } from "./boards.ts";
import { cardOf, columnOf, type Seat, titlesIn } from "./browser.ts";

const makeLabel = (seat: Seat, project: Project, name: string): Promise<Label> =>
  seat.call<Label>("POST", `/api/projects/${project.id}/labels`, { name, color: "#1f6feb" });

describeBoard("adding and finding", (stage) => {
  test("the line that adds tasks opens by c, understands dates, priority, people and labels, shows what it understood, and stays for the next", async () => {
    const [ana, project] = await stage.oneAtABoard(["Paint"]);
    const ben = await stage.sit("Ben");
    const { user } = await addMember(ana, project, ben, "member");
    const label = await makeLabel(ana, project, "Needs design");
    const { page } = ana;
    await page.keyboard.press("c");
    const line = page.getByRole("combobox", { name: "Add a task to To do" });
    await page.keyboard.type("Fix login tomorrow 5pm !hi");
    await page.getByRole("option", { name: "High" }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.type("@be");
    await page.getByRole("option", { name: "Ben" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("#des");
    await page.getByRole("option", { name: "Needs design" }).click();
    expect(await line.inputValue()).toBe("Fix login tomorrow 5pm !high @Ben #Needs design ");
    const parts = page.getByRole("list", { name: "What was understood" }).getByRole("button");
    await parts.filter({ hasText: "Tomorrow 17:00" }).waitFor();
    expect(await parts.evaluateAll((all) => all.map((part) => part.getAttribute("aria-label")?.split(",")[0]))).toEqual(
      ["Tomorrow 17:00", "High", "Ben", "Needs design"],
    );
    await page.keyboard.press("Enter");
    await cardOf(page, "Fix login").getByText(/-2$/).waitFor();
    const { items } = await ana.call<{ items: Task[] }>("GET", `/api/projects/${project.id}/tasks`);
    const made = items.find(({ number }) => number === 2);
    expect(made).toMatchObject({
      title: "Fix login",
      status: "todo",
      priority: "high",
      assignee_ids: [user.id],
      label_ids: [label.id],
      all_day: false,
    });
    const tomorrow = new Date();
    tomorrow.setDate(tomorrow.getDate() + 1);
    expect(new Date(made?.due_at ?? 0).getTime()).toBe(tomorrow.setHours(17, 0, 0, 0));

    expect(await line.inputValue()).toBe("");
    await page.keyboard.type("Second one");
    await page.keyboard.press("Enter");
    await cardOf(page, "Second one").waitFor();
    expect(await titlesIn(page, "To do")).toEqual(["Paint", "Fix login", "Second one"]);
    await page.keyboard.press("Escape");
    expect(await line.evaluate((element) => element === document.activeElement)).toBe(false);
  });

  test("what the line understood can be kept as text", async () => {
    const [{ page }] = await stage.oneAtABoard([]);
    await page.getByLabel("Add a task to Review").pressSequentially("Plan tomorrow");
    await page.getByRole("button", { name: "Tomorrow, from “tomorrow”. Keep it as text." }).click();
    await page.getByLabel("Add a task to Review").press("Enter");
    await columnOf(page, "Review").getByRole("link", { name: "Plan tomorrow" }).waitFor();
    expect(await cardOf(page, "Plan tomorrow").locator(".due").count()).toBe(0);
  });

  test("a task that the filter hides is told of", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint"]);
    await page.getByRole("textbox", { name: "Filter tasks" }).focus();
    await page.keyboard.type("paint");
    await page.getByLabel("Add a task to To do").fill("Sand");
    await page.keyboard.press("Enter");
    await page.getByText("“Sand” was added. The filter hides it.").waitFor();
    expect(await titlesIn(page, "To do")).toEqual(["Paint"]);
  });

  test("filters are opened by f, stand in the address, count what they hide, and are the same for who is sent the address", async () => {
    const [ana, ben, project] = await stage.twoAtOneBoard("Paint the door", "Paint the gate", "Sand");
    const { page } = ana;
    const [label, me] = [await makeLabel(ana, project, "outside"), await ana.call<{ id: string }>("GET", "/api/me")];
    await makeTask(ana, project, { title: "Paint the wall", label_ids: [label.id], assignee_ids: [me.id] });
    await cardOf(page, "Paint the wall").waitFor();
    await page.keyboard.press("f");
    await page.keyboard.type("paint");
    await page.getByText("1 task is hidden").waitFor();
    await columnOf(page, "To do").getByText("3 of 4").waitFor();
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("option", { name: "Ana (you)" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Labels" }).click();
    await page.getByRole("option", { name: "outside" }).click();
    await page.keyboard.press("Escape");
    await page.getByText("3 tasks are hidden").waitFor();
    expect(await titlesIn(page, "To do")).toEqual(["Paint the wall"]);

    const address = new URL(page.url());
    expect([...address.searchParams.keys()].sort()).toEqual(["label", "q", "who"]);
    await ben.page.goto(address.href);
    await ben.page.getByText("3 tasks are hidden").waitFor();
    expect(await titlesIn(ben.page, "To do")).toEqual(["Paint the wall"]);

    await cardOf(ben.page, "Paint the wall").getByRole("link").click();
    await ben.page.getByRole("dialog").waitFor();
    await ben.page.keyboard.press("Escape");
    await ben.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(new URL(ben.page.url()).search).toBe(address.search);

    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await cardOf(page, "Sand").waitFor();
    expect(new URL(page.url()).search).toBe("");
  });

  test("filters by due date: overdue, today, none", async () => {
    const [ana, project] = await stage.oneAtABoard(["Some day"]);
    const { page } = ana;
    const inDays = (days: number) => {
      const day = new Date();
      return new Date(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate() + days)).toISOString();
    };
    await makeTask(ana, project, { title: "Late", due_at: inDays(-2), all_day: true });
    await makeTask(ana, project, { title: "Now", due_at: inDays(0), all_day: true });
    await cardOf(page, "Late").locator('[data-due="overdue"]').waitFor();
    await cardOf(page, "Now").getByText("Today").waitFor();
    const choose = async (name: string, shown: string[]) => {
      await page.getByRole("button", { name: /^Due date/ }).click();
      await page.getByRole("menuitemradio", { name }).click();
      await page.waitForFunction((count) => document.querySelectorAll(".card").length === count, shown.length);
      expect(await titlesIn(page, "To do")).toEqual(shown);
    };
    await choose("Overdue", ["Late"]);
    await choose("Due today", ["Now"]);
    await choose("No due date", ["Some day"]);
    await choose("Any date", ["Some day", "Late", "Now"]);
  });

  test("Escape in the filter empties the text first, then gives the keys back to the cards", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint", "Sand"]);
    await page.keyboard.press("f");
    await page.keyboard.type("sand");
    await page.getByText("1 task is hidden").waitFor();
    await page.keyboard.press("Escape");
    await cardOf(page, "Paint").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.textContent === "Paint");
  });

  test("a task that is archived is found in the archive by the filter, and brought back to the board of everybody", async () => {
    const [ana, ben] = await stage.twoAtOneBoard("Paint the door", "Paint the gate", "Sand");
    const { page } = ana;
    await page.getByRole("button", { name: "Archived" }).click();
    await page.getByText("Nothing is archived").waitFor();
    await page.getByRole("button", { name: "Back to the board" }).click();
    for (const title of ["Paint the door", "Sand"]) {
      await openMenu(page, title);
      await page.getByRole("menuitem", { name: "Archive" }).click();
      await cardOf(ben.page, title).waitFor({ state: "detached" });
    }
    await page.getByRole("button", { name: "Archived" }).click();
    const rows = page.locator(".archive-row");
    await rows.nth(1).waitFor();
    // The one made last comes first.
    expect(await rows.locator(".archive-name").allTextContents()).toEqual(["Sand", "Paint the door"]);
    await page.getByRole("textbox", { name: "Filter tasks" }).fill("door");
    await rows.nth(1).waitFor({ state: "detached" });
    expect(await rows.locator(".archive-name").allTextContents()).toEqual(["Paint the door"]);
    await page.getByRole("button", { name: /^Bring back .+-1$/ }).click();
    await cardOf(ben.page, "Paint the door").waitFor();
    await page.getByText("No archived task matches the filter").waitFor();
    await page.getByRole("button", { name: "Back to the board" }).click();
    await cardOf(page, "Paint the door").waitFor();
    expect(await titlesIn(ben.page, "To do")).toEqual(["Paint the door", "Paint the gate"]);
  });
});
