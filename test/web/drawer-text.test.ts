/** What is typed into a task is never lost: races, bad networks, reloads, ended sessions, deleted tasks. */
import { expect, test } from "bun:test";
import { addMember, announced, describeBoard, makeTask } from "./boards.ts";
import { password } from "./browser.ts";
import { commentField, drawerOf, openTask, saved, titleIn, twoAtOneTask, writeDescription } from "./drawer-open.ts";
import { fingerOn, middleOf, touched } from "./finger.ts";

describeBoard("what is typed into a task", (stage) => {
  test("that lost a race is shown beside the other text, and both can be made one", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage, { description: "Brush\nBucket\nGloves" });
    const [anas, bens] = [await writeDescription(at.ana), await writeDescription(at.ben)];
    // Ben's words are on their way while the network is gone; Ana's are there first.
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await bens.fill("Brush\nBucket\nGloves\nLadder");
    await at.ben.getByText("Waiting for the connection").waitFor();
    await anas.fill("Broad brush\nBucket\nGloves");
    await saved(at.ana);
    stage.link.mend();
    const conflict = at.ben.getByRole("alert");
    await conflict.getByRole("heading", { name: "Description: two versions" }).waitFor();
    expect(await conflict.getByRole("textbox", { name: "Yours" }).inputValue()).toBe("Brush\nBucket\nGloves\nLadder");
    expect(await conflict.getByRole("textbox", { name: "On the server" }).inputValue()).toBe(
      "Broad brush\nBucket\nGloves",
    );
    await conflict.getByRole("button", { name: "Edit both together" }).click();
    expect(await bens.inputValue()).toBe("Broad brush\nBucket\nGloves\nLadder");
    await ana.page.waitForFunction(
      () =>
        document.querySelector<HTMLTextAreaElement>('textarea[aria-label="Description"]')?.value ===
        "Broad brush\nBucket\nGloves\nLadder",
    );
    await saved(at.ben);
  });

  test("a title changed by both: mine or theirs, and the loser's choice is everybody's", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage);
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await titleIn(at.ben).fill("Paint it blue");
    await at.ben.getByText("Waiting for the connection").waitFor();
    await titleIn(at.ana).fill("Paint it green");
    await saved(at.ana);
    stage.link.mend();
    await at.ben.getByRole("heading", { name: "Title: two versions" }).waitFor();
    expect(await titleIn(at.ben).inputValue()).toBe("Paint it blue");
    await at.ben.getByRole("button", { name: "Keep yours" }).click();
    await ana.page.getByRole("dialog", { name: /Paint it blue$/ }).waitFor();
    expect(await titleIn(at.ana).inputValue()).toBe("Paint it blue");
  });

  test("a change of another field meanwhile is no race", async () => {
    const { ana, ben, task, at } = await twoAtOneTask(stage);
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await titleIn(at.ben).fill("Paint it blue");
    await at.ben.getByText("Waiting for the connection").waitFor();
    await ana.call("PATCH", `/api/tasks/${task.id}`, { priority: "high", description: "Two coats" });
    stage.link.mend();
    await saved(at.ben);
    await at.ben.getByRole("button", { name: "Priority: High" }).waitFor();
    await ana.page.getByRole("dialog", { name: /Paint it blue$/ }).waitFor();
  });

  test("is there again after a reload in the middle of a word, and is sent; nobody else at the machine sees it", async () => {
    const { ana, ben, task, at } = await twoAtOneTask(stage);
    const field = await writeDescription(at.ben);
    await commentField(at.ben).fill("Half a comment");
    await field.pressSequentially("Two coats", { delay: 1 });
    await ben.page.evaluate(() => {
      location.reload();
    });
    await ben.page.waitForEvent("load");
    await at.ben.locator(".talk").waitFor();
    expect(await commentField(at.ben).inputValue()).toBe("Half a comment");
    await at.ana.getByText("Two coats").waitFor();
    // Another person at the same machine sees nothing of it.
    await ben.call("POST", "/api/auth/sign-out", {});
    const eve = { name: "Eve", email: `eve-${crypto.randomUUID()}@example.org`, password };
    await ben.call("POST", "/api/auth/sign-up/email", eve);
    await addMember(
      ana,
      { id: task.project_id } as Parameters<typeof addMember>[1],
      { ...ben, email: eve.email },
      "member",
    );
    const drawer = await openTask(ben, stage.link.url, task);
    expect(await commentField(drawer).inputValue()).toBe("");
  });

  test("survives a session that was ended elsewhere", async () => {
    const { ben, task, at } = await twoAtOneTask(stage);
    await commentField(at.ben).fill("Half a comment");
    const { token } = await ben.call<{ token: string }>("POST", "/api/auth/sign-in/email", {
      email: ben.email,
      password,
    });
    expect(token).toBeString();
    await ben.call("POST", "/api/auth/revoke-sessions", {});
    await ben.context.clearCookies();
    await ben.call("POST", "/api/auth/sign-in/email", { email: ben.email, password });
    const drawer = await openTask(ben, stage.link.url, task);
    expect(await commentField(drawer).inputValue()).toBe("Half a comment");
  });

  test("a comment written without a network waits, says so, and is sent once", async () => {
    const { ana, ben, at } = await twoAtOneTask(stage);
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await commentField(at.ben).fill("From the train");
    await ben.page.keyboard.press("Control+Enter");
    await at.ben.locator(".comment", { hasText: "From the train" }).getByText("waits for the connection").waitFor();
    stage.link.mend();
    await at.ana.locator(".comment", { hasText: "From the train" }).waitFor();
    await at.ben.getByText("waits for the connection").waitFor({ state: "detached" });
    expect(await at.ana.locator(".comment").count()).toBe(1);
    expect(await ana.page.locator(".comment").count()).toBe(1);
  });

  test("is offered for copying when the task is deleted under one's hands", async () => {
    const { ana, ben, task, at } = await twoAtOneTask(stage);
    const field = await writeDescription(at.ben);
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await field.fill("A long thought");
    await commentField(at.ben).fill("Half a comment");
    await ana.context.request.delete(`${stage.server.url}/api/tasks/${task.id}`);
    stage.link.mend();
    await at.ben.getByText("This task was deleted.").waitFor();
    expect(await at.ben.getByRole("textbox", { name: "Description" }).inputValue()).toBe("A long thought");
    expect(await at.ben.getByRole("textbox", { name: "Your comment" }).inputValue()).toBe("Half a comment");
    await ben.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await at.ben.getByRole("region", { name: "Your comment" }).getByRole("button", { name: "Copy" }).click();
    await at.ben.getByText("Copied.").waitFor();
    expect(await ben.page.evaluate(() => navigator.clipboard.readText())).toBe("Half a comment");
  });

  test("is kept where the right to write was taken away meanwhile", async () => {
    const { ana, ben, project, at } = await twoAtOneTask(stage);
    const me = await ben.call<{ id: string }>("GET", "/api/me");
    stage.link.cut();
    await ben.waitForCorner("Offline");
    await titleIn(at.ben).fill("Paint it blue");
    await at.ben.getByText("Waiting for the connection").waitFor();
    await ana.call("PATCH", `/api/projects/${project.id}/members/${me.id}`, { role: "viewer" });
    stage.link.mend();
    await at.ben.getByText(/^Not saved: .* Your text is kept\.$/).waitFor();
    await at.ben.getByText("Paint it blue").waitFor();
  });

  test("an empty title is not saved, and says so; Escape in the description closes the editor, not the task", async () => {
    const { ana, at } = await twoAtOneTask(stage);
    await titleIn(at.ana).fill("");
    await titleIn(at.ana).press("Enter");
    await at.ana.getByText("A task needs a title. Not saved yet.").waitFor();
    await titleIn(at.ana).fill("Paint");
    await ana.page.getByRole("dialog", { name: /Paint$/ }).waitFor();
    const field = await writeDescription(at.ana);
    await field.fill("Two coats");
    await field.press("Escape");
    await field.waitFor({ state: "detached" });
    await at.ben.getByText("Two coats").waitFor();
    await ana.page.keyboard.press("Escape");
    await at.ana.waitFor({ state: "detached" });
  });

  test("closing the drawer in the middle of a word saves it", async () => {
    const { ana, at, task } = await twoAtOneTask(stage);
    const field = await writeDescription(at.ana);
    await field.fill("Two coa");
    await at.ana.getByRole("button", { name: "Close" }).click();
    await drawerOf(ana.page).waitFor({ state: "detached" });
    await at.ben.getByText("Two coa").waitFor();
    expect((await ana.call<{ description: string }>("GET", `/api/tasks/${task.id}`)).description).toBe("Two coa");
  });

  test("on a phone the drawer is the whole screen, and nothing sticks out", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const [ana, project] = await stage.oneAtABoard([], phone);
    const task = await makeTask(ana, project, {
      title: "Unbreakable".repeat(20),
      description: `${"Unbreakable".repeat(20)}\n\n| a | b |\n|---|---|\n| ${"wide".repeat(40)} | b |\n\n\`\`\`\n${"code ".repeat(60)}\n\`\`\``,
      due_at: "2030-05-04T12:00:00.000Z",
    });
    await ana.call("POST", `/api/tasks/${task.id}/comments`, { content: "Unbreakable".repeat(40) });
    const drawer = await openTask(ana, stage.server.url, task);
    await drawer.locator(".comment .markdown").waitFor();
    await drawer.locator(".markdown table").waitFor();
    expect(await drawer.evaluate((sheet) => sheet.getBoundingClientRect().width)).toBe(360);
    const body = drawer.locator(".drawer-body");
    const sizes = await body.evaluate((box) => [box.scrollWidth, box.clientWidth]);
    expect(sizes[0]).toBe(sizes[1]);
    // A long one opens at its beginning.
    expect(await body.evaluate((box) => [box.scrollTop, box.scrollHeight > box.clientHeight])).toEqual([0, true]);
    expect(await ana.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  test("a checklist is ticked and put in order by a finger", async () => {
    const [ana, project] = await stage.oneAtABoard([], touched);
    const { page } = ana;
    const task = await makeTask(ana, project, { title: "Paint the fence" });
    for (const title of ["Brush", "Bucket", "Gloves"]) {
      await ana.call("POST", `/api/tasks/${task.id}/checklist`, { title });
    }
    const drawer = await openTask(ana, stage.server.url, task);
    const rows = drawer.locator(".check-item");
    await rows.nth(2).waitFor();
    await drawer.getByRole("checkbox", { name: "Bucket" }).tap();
    await drawer.getByText("1 of 3 done").waitFor();
    const finger = await fingerOn(page);
    // The tap may have brought its row into view.
    const scrolled = () => drawer.locator(".drawer-body").evaluate((body) => body.scrollTop);
    const before = await scrolled();
    const from = await middleOf(rows.nth(2).locator(".check-grip"));
    const to = await rows.nth(0).boundingBox();
    await finger.down(from);
    await finger.move(from, { x: from.x, y: (to?.y ?? 0) + 2 });
    await rows.nth(0).and(page.locator("[data-held]")).waitFor();
    await finger.up();
    await announced(page, "Gloves: place 1 of 3").waitFor();
    // A page under the finger would have been scrolled, and the row let go.
    expect(await scrolled()).toBe(before);
    const checked = page.locator(".check-item[data-done] .check-title");
    expect(await drawer.locator(".check-title").allTextContents()).toEqual(["Gloves", "Brush", "Bucket"]);
    expect(await checked.allTextContents()).toEqual(["Bucket"]);
    await page.waitForFunction(() => document.querySelector(".check-item[data-pending]") === null);
    await page.reload();
    await rows.nth(2).waitFor();
    expect(await drawer.locator(".check-title").allTextContents()).toEqual(["Gloves", "Brush", "Bucket"]);
    expect(await checked.allTextContents()).toEqual(["Bucket"]);
  });
});
