/** The drawer of a task in a real browser: what one does is seen by the other. */
import { expect, test } from "bun:test";
import type { Task } from "../../src/protocol/tasks.ts";
import { announced, describeBoard, linkOf, makeTask } from "./boards.ts";
import { commentField, drawerOf, openTask, saved, titleIn, twoAtOneTask, writeDescription } from "./drawer-open.ts";

describeBoard("the drawer", (stage) => {
  test("has an address of its own: a reload keeps it, Escape and back close it, the card has the focus again", async () => {
    const [ana] = await stage.oneAtABoard(["Paint"]);
    const { page } = ana;
    const isCardFocused = () => page.waitForFunction(() => document.activeElement?.closest(".card") !== null);
    await linkOf(page, "Paint").click();
    await drawerOf(page).locator(".talk").waitFor();
    expect(page.url()).toMatch(/\/projects\/[\w-]+\/tasks\/[\w-]+$/);
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    expect(page.url()).toMatch(/\/projects\/[\w-]+$/);
    await isCardFocused();
    await page.goBack();
    await drawerOf(page).locator(".talk").waitFor();
    await page.reload();
    await drawerOf(page).getByRole("button", { name: "Close" }).click();
    await drawerOf(page).waitFor({ state: "detached" });
    await isCardFocused();
    await linkOf(page, "Paint").click();
    await drawerOf(page).waitFor();
    await page.goBack();
    await drawerOf(page).waitFor({ state: "detached" });
  });

  test("Escape closes it before its code has come", async () => {
    const [{ page }] = await stage.oneAtABoard(["Paint"]);
    const held = Promise.withResolvers<void>();
    await page.route(/\/assets\/task-drawer-[^/]+\.js$/, async (route) => {
      await held.promise;
      await route.continue();
    });
    const asked = page.waitForRequest(/task-drawer/);
    await page.reload({ waitUntil: "commit" });
    await linkOf(page, "Paint").click();
    await asked;
    await page.waitForURL(/\/tasks\/[\w-]+$/);
    await page.keyboard.press("Escape");
    await page.waitForURL(/\/projects\/[\w-]+$/);
    held.resolve();
    await linkOf(page, "Paint").click();
    await drawerOf(page).locator(".talk").waitFor();
    await page.unrouteAll({ behavior: "wait" });
  });

  test("title, status, people, priority, labels, estimate and dates changed by one are seen by the other", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage);
    const { page } = ana;
    await titleIn(at.ana).fill("Paint the fence green");
    await ben.page.getByRole("dialog", { name: /Paint the fence green$/ }).waitFor();
    expect(await titleIn(at.ben).inputValue()).toBe("Paint the fence green");
    await saved(at.ana);
    await at.ana.getByRole("button", { name: "Status: To do" }).click();
    await page.getByRole("menuitemradio", { name: "Review" }).click();
    await at.ben.getByRole("button", { name: "Status: Review" }).waitFor();
    await at.ana.getByRole("button", { name: "Add people" }).click();
    await page.getByRole("combobox", { name: "Find people" }).fill("be");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await at.ben.getByRole("button", { name: "Remove Ben" }).waitFor();
    await at.ana.getByRole("button", { name: "Priority: No priority" }).click();
    await page.getByRole("menuitemradio", { name: "High" }).click();
    await at.ben.getByRole("button", { name: "Priority: High" }).waitFor();
    await at.ana.getByRole("button", { name: "Add labels" }).click();
    await page.getByRole("combobox", { name: "Find labels" }).fill("outdoor");
    await page.getByRole("option", { name: "Create label “outdoor”" }).click();
    await page.keyboard.press("Escape");
    await at.ben.getByRole("button", { name: "Remove label outdoor" }).waitFor();
    await at.ana.getByRole("textbox", { name: "Estimate" }).fill("2,5");
    await page.keyboard.press("Enter");
    await ben.page.waitForFunction(() => document.querySelector<HTMLInputElement>(".estimate")?.value === "2.5");
    await at.ana.getByLabel("Due date").fill("2030-05-04");
    await at.ana.getByRole("checkbox", { name: "All day" }).waitFor();
    await at.ben
      .page()
      .waitForFunction(
        () => document.querySelector<HTMLInputElement>('.drawer [aria-label="Due date"]')?.value === "2030-05-04",
      );
    await at.ana.getByRole("checkbox", { name: "All day" }).uncheck();
    await at.ben.getByLabel("Due time").waitFor();
    expect(await at.ben.getByLabel("Due time").inputValue()).toBe("17:00");
  });

  test("a description is written in Markdown with a preview, and read by the other as it was meant", async () => {
    const { at } = await twoAtOneTask(stage);
    const field = await writeDescription(at.ana);
    await field.fill("Two **coats**, see [the shop](https://example.org/paint)");
    await at.ana.getByRole("tab", { name: "Preview" }).first().click();
    await at.ana.locator(".preview strong", { hasText: "coats" }).waitFor();
    const link = at.ben.locator(".markdown a");
    await link.waitFor();
    expect(await link.getAttribute("rel")).toContain("noopener");
    expect(await link.getAttribute("href")).toBe("https://example.org/paint");
  });

  test("subtasks are added, opened and done; their parent is one step away", async () => {
    const { ana, at } = await twoAtOneTask(stage);
    await at.ana.getByRole("textbox", { name: "Add a subtask" }).fill("Buy paint");
    await ana.page.keyboard.press("Enter");
    await at.ben.getByRole("link", { name: /Buy paint/ }).waitFor();
    await at.ben.getByRole("checkbox", { name: "Done: Buy paint" }).check();
    await at.ana.getByText("1 of 1 done").waitFor();
    await at.ana.getByRole("link", { name: /Buy paint/ }).click();
    await ana.page.getByRole("dialog", { name: /Buy paint$/ }).waitFor();
    await at.ana.getByRole("button", { name: "Status: Completed" }).waitFor();
    await at.ana.getByRole("link", { name: /^Subtask of/ }).click();
    await at.ana.getByText("1 of 1 done").waitFor();
  });

  test("a checklist is written, ticked, renamed, put in order and cut by keys, in both windows", async () => {
    const { ana, at } = await twoAtOneTask(stage);
    const { page } = ana;
    const titles = (drawer: typeof at.ana) => drawer.locator(".check-title").allTextContents();
    const line = at.ana.getByRole("textbox", { name: "Add an item" });
    for (const title of ["Brush", "Bucket", "Gloves"]) {
      await line.fill(title);
      await line.press("Enter");
      await at.ben.locator(".check-title", { hasText: title }).waitFor();
    }
    await at.ana.getByRole("checkbox", { name: "Bucket" }).check();
    await at.ben.getByText("1 of 3 done").waitFor();
    await at.ana.getByRole("button", { name: "Rename “Brush”" }).press("Enter");
    await page.keyboard.type("Broad brush");
    await page.keyboard.press("Enter");
    await at.ben.locator(".check-title", { hasText: "Broad brush" }).waitFor();
    await at.ana.getByRole("button", { name: "Move “Gloves” up" }).press("Enter");
    await announced(page, "Gloves: place 2 of 3").waitFor();
    await at.ben.page().waitForFunction(() => document.querySelectorAll(".check-title")[1]?.textContent === "Gloves");
    await at.ana.getByRole("button", { name: "Delete “Bucket”" }).press("Enter");
    await at.ben.locator(".check-title", { hasText: "Bucket" }).waitFor({ state: "detached" });
    expect(await titles(at.ana)).toEqual(["Broad brush", "Gloves"]);
    expect(await titles(at.ben)).toEqual(["Broad brush", "Gloves"]);
    // The focus went to a neighbour of the row that is gone.
    expect(await page.evaluate(() => document.activeElement?.closest(".check-item") !== null)).toBe(true);
    await at.ana.locator(".check-item", { hasText: "Gloves" }).hover();
    await at.ana
      .locator(".check-item", { hasText: "Gloves" })
      .locator(".check-grip")
      .dragTo(at.ana.locator(".check-item").first());
    await at.ben.page().waitForFunction(() => document.querySelectorAll(".check-title")[0]?.textContent === "Gloves");
  });

  test("dependencies are found by key or title, shown on both sides, and a circle is refused in plain words", async () => {
    const { ana, project, task, at } = await twoAtOneTask(stage);
    const { page } = ana;
    const other = await makeTask(ana, project, { title: "Sand the fence" });
    const pick = async (button: string, query: string) => {
      await at.ana.getByRole("button", { name: button }).click();
      await page.getByRole("combobox", { name: "Key or title of a task" }).fill(query);
      await page.getByRole("option", { name: /Sand/ }).waitFor();
      await page.keyboard.press("Enter");
    };
    await pick("Add a task that blocks this one", "sand");
    await at.ben.getByRole("list", { name: "Blocked by" }).getByText("Sand the fence").waitFor();
    await pick("Add a task that this one blocks", other.key.toLowerCase());
    await at.ana
      .getByRole("alert")
      .getByText(`That would be a circle: ${task.key} waits for ${other.key} already.`)
      .waitFor();
    await at.ana.getByRole("list", { name: "Blocked by" }).getByRole("link").click();
    await at.ana.getByRole("list", { name: "Blocks" }).getByText("Paint the fence").waitFor();
    await at.ana.getByRole("button", { name: `Remove ${task.key}` }).click();
    await at.ben.getByRole("list", { name: "Blocked by" }).getByText("Sand the fence").waitFor({ state: "detached" });
  });

  test("comments: a name by its first letters, Ctrl+Enter, a reaction, an edit, a deletion, all in both windows", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage);
    const field = commentField(at.ana);
    await field.pressSequentially("Which colour, @b");
    await at.ben.getByText("Ana is typing…").waitFor();
    await at.ana.getByRole("option", { name: "Ben" }).waitFor();
    await ana.page.keyboard.press("Enter");
    await ana.page.keyboard.type("?");
    expect(await field.inputValue()).toBe("Which colour, @Ben ?");
    await ana.page.keyboard.press("Control+Enter");
    const comment = at.ben.locator(".comment", { hasText: "Which colour" });
    await comment.locator(".mention", { hasText: "@Ben" }).waitFor();
    expect(await field.inputValue()).toBe("");
    await at.ben.getByText("Ana is typing…").waitFor({ state: "detached" });
    await ben.page.waitForFunction(async () => {
      const { items } = await (await fetch("/api/notifications")).json();
      return items.some(({ type }: { type: string }) => type === "mentioned");
    });
    await comment.getByRole("button", { name: "Add a reaction" }).click();
    await ben.page.getByRole("menuitem", { name: "rocket" }).click();
    await at.ana.getByRole("button", { name: "🚀: Ben" }).click();
    await at.ben.getByRole("button", { name: "🚀: Ben and Ana" }).waitFor();
    // Ben owns neither the comment nor the project.
    expect(await comment.getByRole("button", { name: /(Edit|Delete) comment/ }).count()).toBe(0);
    await at.ana.getByRole("button", { name: "Edit comment" }).press("Enter");
    const edit = at.ana.getByRole("textbox", { name: "Edit comment" });
    await edit.waitFor();
    expect(await edit.inputValue()).toBe("Which colour, @Ben ?");
    await edit.fill("Which green, @Ben?");
    await ana.page.keyboard.press("Control+Enter");
    await at.ben.locator(".comment", { hasText: "Which green, @Ben?" }).getByText("edited").waitFor();
    await at.ana.getByRole("button", { name: "Delete comment" }).press("Enter");
    await ana.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await at.ben.getByText("No comments yet.").waitFor();
  });

  test("a long talk begins with its newest part, and earlier comments come on demand", async () => {
    const [ana, project] = await stage.oneAtABoard([]);
    const task = await makeTask(ana, project, { title: "Talked about" });
    const total = 60;
    for (let index = 1; index <= total; index++) {
      await ana.call("POST", `/api/tasks/${task.id}/comments`, { content: `Comment ${index}.` });
    }
    const drawer = await openTask(ana, stage.server.url, task);
    await drawer.getByText(`Comment ${total}.`).waitFor();
    const before = await drawer.locator(".comment").count();
    expect(before).toBeLessThan(total);
    while ((await drawer.locator(".comment").count()) < total) {
      const shown = await drawer.locator(".comment").count();
      await drawer.getByRole("button", { name: "Show earlier comments" }).click();
      await ana.page.waitForFunction((count) => document.querySelectorAll(".comment").length > count, shown);
    }
    await drawer.getByText("Comment 1.", { exact: true }).waitFor();
    await drawer.getByRole("button", { name: "Show earlier comments" }).waitFor({ state: "detached" });
  });

  test("the history tells what happened in sentences, as it happens", async () => {
    const { ana, at } = await twoAtOneTask(stage);
    await at.ben.getByRole("tab", { name: "Activity" }).click();
    await at.ben.getByText("Ana made this task.").waitFor();
    await at.ana.getByRole("button", { name: "Priority: No priority" }).click();
    await ana.page.getByRole("menuitemradio", { name: "Urgent" }).click();
    await at.ben.getByText("Ana set the priority to Urgent.").waitFor();
    await at.ana.getByRole("button", { name: "Status: To do" }).click();
    await ana.page.getByRole("menuitemradio", { name: "Completed" }).click();
    await at.ben.getByText("Ana moved it from To do to Completed.").waitFor();
  });

  test("who looks at the task is seen, watching is one press, reminders are one's own", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage, { due_at: "2030-05-04T12:00:00.000Z" });
    await at.ana.getByRole("img", { name: "Ben is looking at this task" }).waitFor();
    const watch = at.ben.getByRole("button", { name: /^Watch/ });
    await watch.and(ben.page.locator('[aria-pressed="false"]')).click();
    await watch.and(ben.page.locator('[aria-pressed="true"]')).waitFor();
    await ben.page.waitForFunction(() => document.querySelector('[aria-description="Watching: Ana and Ben"]') !== null);
    await at.ana.getByRole("button", { name: "Remind me" }).click();
    await ana.page.getByRole("menuitem", { name: "1 day before" }).click();
    await at.ana.getByRole("button", { name: "Remove the reminder 1 day before" }).waitFor();
    expect(await at.ben.getByText("1 day before").count()).toBe(0);
    await at.ana.getByRole("button", { name: "Remove the reminder 1 day before" }).click();
    await at.ana.getByRole("list", { name: "Reminders" }).getByText("1 day before").waitFor({ state: "detached" });
    await at.ben.getByRole("button", { name: "Close" }).click();
    await at.ana.getByRole("img", { name: "Ben is looking at this task" }).waitFor({ state: "detached" });
  });

  test("a task is archived and deleted with a way back, and what is archived says so and comes back", async () => {
    const { ana, at, task, project } = await twoAtOneTask(stage);
    await makeTask(ana, project, { title: "Buy paint", parent_id: task.id });
    const menu = async (item: string) => {
      await at.ana.getByRole("button", { name: "More actions" }).click();
      await ana.page.getByRole("menuitem", { name: item }).click();
    };
    const undo = () => ana.page.getByRole("button", { name: "Undo" }).last().click();
    const reopen = async () => {
      await linkOf(ana.page, "Paint the fence").click();
      await at.ana.locator(".talk").waitFor();
    };
    await menu("Archive");
    await at.ana.waitFor({ state: "detached" });
    await at.ben.getByText("This task is archived.").waitFor();
    await undo();
    await at.ben.getByText("This task is archived.").waitFor({ state: "detached" });
    await reopen();
    await menu("Archive");
    await at.ben.getByRole("button", { name: "Bring back" }).click();
    await at.ben.getByText("This task is archived.").waitFor({ state: "detached" });
    await reopen();
    await menu("Delete task");
    await ana.page.getByText(`${task.key} and its subtask deleted`).waitFor();
    await linkOf(ana.page, "Paint the fence").waitFor({ state: "detached" });
    await undo();
    await reopen();
    await menu("Delete task");
    await linkOf(ana.page, "Paint the fence").waitFor({ state: "detached" });
    // The time for undoing is over when the page is left.
    await ana.page.goto("about:blank");
    await at.ben.getByText("This task was deleted.").waitFor();
  });

  test("a viewer reads everything and is offered nothing to change", async () => {
    const fields: Partial<Task> = { description: "Two **coats**", due_at: "2030-05-04T12:00:00.000Z" };
    const { ana, at, task, project } = await twoAtOneTask(stage, fields, "viewer");
    await ana.call("POST", `/api/tasks/${task.id}/comments`, { content: "Which colour?" });
    await ana.call("POST", `/api/tasks/${task.id}/checklist`, { title: "Brush" });
    await makeTask(ana, project, { title: "Buy paint", parent_id: task.id });
    await at.ben.getByText("You can read this task").waitFor();
    await at.ben.locator(".markdown strong", { hasText: "coats" }).waitFor();
    await at.ben.getByText("Which colour?").waitFor();
    await at.ben.getByText("Viewers cannot comment.").waitFor();
    await at.ben.getByRole("link", { name: /Buy paint/ }).waitFor();
    await at.ben.getByText("Brush").waitFor();
    expect(await at.ben.getByRole("textbox").count()).toBe(0);
    for (const box of await at.ben.getByRole("checkbox").all()) expect(await box.isDisabled()).toBe(true);
    const buttons = await at.ben
      .getByRole("button")
      .evaluateAll((all) => all.map((button) => button.getAttribute("aria-label") ?? button.textContent));
    // Watching and reminders are one's own, for viewers too.
    expect(buttons.map((name) => name?.replace(/\d/g, ""))).toEqual([
      "Watch",
      "Copy link",
      "More actions",
      "Close",
      "Remind me",
    ]);
  });
});
