/** A project's settings in a real browser: what one window changes, the other sees at once. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import type { Column, Label, Member, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { freeColor, labelColors } from "../../src/web/settings/colors.ts";
import { isLastOwner, rules } from "../../src/web/settings/rights.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { chromiumPath, columnOf, launch, type Seat, sitDown } from "./browser.ts";

let server: ServerProcess;
let browser: Browser;
let seats: Seat[] = [];

const sit = async (name: string): Promise<Seat> => {
  const seat = await sitDown(browser, server.url, name);
  seats.push(seat);
  return seat;
};

/** Ana, who owns a project, and Ben, who is in it. */
async function two(role = "member"): Promise<[Seat, Seat, Project]> {
  const [ana, ben] = [await sit("Ana"), await sit("Ben")];
  const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
  await ana.call("POST", `/api/projects/${project.id}/members`, { email: ben.email, role });
  return [ana, ben, project];
}

const open = async ({ page }: Seat, project: Project, tab: string): Promise<void> => {
  await page.goto(`${server.url}/projects/${project.id}/settings/${tab}`);
  await page.getByRole("heading", { name: "Settings of Website", level: 1 }).waitFor();
};
const rowsOf = (page: Page, list: string) => page.getByRole("list", { name: list, exact: true }).getByRole("listitem");
const columnNames = (page: Page) => page.getByRole("textbox", { name: /^Name of / });
const namesIn = (page: Page): Promise<string[]> =>
  columnNames(page).evaluateAll((inputs) =>
    inputs.map((input) => (input instanceof HTMLInputElement ? input.value : "")),
  );
/** Settles when the columns stand in this order. */
const waitForOrder = (page: Page, names: readonly string[]) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll<HTMLInputElement>(".row-item > .inline-input")].map(({ value }) => value).join() ===
      wanted,
    names.join(),
  );

/** Of WCAG 2.2. */
function luminance(hex: string): number {
  const channel = (at: number): number => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe("the colours of labels", () => {
  test("each stands out from the light and the dark surface by 3 : 1 at least", async () => {
    const tokens = await Bun.file(new URL("../../src/web/styles/tokens.css", import.meta.url)).text();
    const surfaces = /--surface: light-dark\((#\w{6}), (#\w{6})\)/.exec(tokens)?.slice(1) ?? [];
    expect(surfaces.length).toBe(2);
    for (const { color } of labelColors)
      for (const surface of surfaces) expect(contrast(color, surface)).toBeGreaterThanOrEqual(3);
  });

  test("a new label gets the colour that the fewest have", () => {
    const all: string[] = labelColors.map(({ color }) => color);
    expect(freeColor([])).toBe(labelColors[0].color);
    expect(freeColor(all.slice(0, 3))).toBe(labelColors[3].color);
    expect(freeColor(all)).toBe(labelColors[0].color);
  });
});

describe("rights", () => {
  test("an owner rules everybody, an admin those below owner, nobody else anybody", () => {
    expect([rules("owner", "owner"), rules("admin", "owner"), rules("admin", "admin")]).toEqual([true, false, true]);
    expect([rules("member", "viewer"), rules("viewer", "viewer")]).toEqual([false, false]);
  });

  test("who is the only owner is the last one", () => {
    const member = (user_id: string, role: "owner" | "member"): [string, Member] => [
      user_id,
      { user_id, role, joined_at: "", user: { id: user_id, name: user_id, avatar_url: null, role: "user" } },
    ];
    expect(isLastOwner(new Map([member("a", "owner"), member("b", "member")]), "a")).toBe(true);
    expect(isLastOwner(new Map([member("a", "owner"), member("b", "owner")]), "a")).toBe(false);
    expect(isLastOwner(new Map([member("a", "owner"), member("b", "member")]), "b")).toBe(false);
  });
});

describe.skipIf(chromiumPath === undefined)("a project's settings", () => {
  beforeAll(async () => {
    server = await startServer();
    browser = await launch();
  });
  afterEach(async () => {
    const faults = seats.flatMap((seat) => seat.faults.map((fault) => `${seat.name}: ${fault}`));
    await Promise.all(seats.map(({ context }) => context.close()));
    seats = [];
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test("a new name is in the other's heading and list; who is typing keeps what they type", async () => {
    const [ana, ben, project] = await two("admin");
    await Promise.all([open(ana, project, "general"), open(ben, project, "general")]);
    await ben.page.getByLabel("What is it for?").fill("Half a thought");
    await ana.page.getByLabel("Name", { exact: true }).fill("Website 2");
    await ana.page.getByRole("button", { name: "Save" }).click();
    await ben.page.getByRole("heading", { name: "Settings of Website 2" }).waitFor();
    expect(await ben.page.getByLabel("Name", { exact: true }).inputValue()).toBe("Website 2");
    expect(await ben.page.getByLabel("What is it for?").inputValue()).toBe("Half a thought");
    await ben.page.getByRole("navigation", { name: "Main" }).getByText("Website 2").waitFor();
  });

  test("a member is added by address, made an admin and removed, and sees each of it at once", async () => {
    const [ana, eve] = [await sit("Ana"), await sit("Eve")];
    const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
    await eve.page.goto(server.url);
    await eve.page.getByText("No projects yet").waitFor();
    await open(ana, project, "members");
    await ana.page.getByLabel("Role", { exact: true }).selectOption("Viewer");
    await ana.page.getByRole("button", { name: "Add member" }).click();
    await ana.page.getByRole("combobox", { name: "Name or e-mail address" }).fill("nobody@example.org");
    await ana.page.getByRole("option", { name: "Add nobody@example.org" }).click();
    await ana.page.getByText("Nobody on this server has the address nobody@example.org").waitFor();
    await ana.page.getByRole("combobox", { name: "Name or e-mail address" }).fill(eve.email);
    await ana.page.getByRole("option", { name: eve.email }).click();
    await ana.page.keyboard.press("Escape");
    await rowsOf(ana.page, "Members").filter({ hasText: "Eve" }).waitFor();

    await eve.page.getByRole("main").getByRole("link", { name: "Website" }).waitFor();
    await open(eve, project, "members");
    await eve.page.getByText("You see these settings; owners and admins change them.").waitFor();
    expect(await eve.page.getByRole("button", { name: "Add member" }).count()).toBe(0);
    await ana.page.getByLabel("Role of Eve").selectOption("Admin");
    await eve.page.getByRole("button", { name: "Add member" }).waitFor();
    // An admin does not rule an owner.
    expect(await eve.page.getByLabel("Role of Ana").count()).toBe(0);

    await ana.page.getByRole("button", { name: "Remove Eve" }).click();
    await ana.page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await eve.page.getByText("You are no longer a member of this project.").waitFor();
    const { items } = await ana.call<{ items: Member[] }>("GET", `/api/projects/${project.id}/members`);
    expect(items.map(({ user }) => user.name)).toEqual(["Ana"]);
  });

  test("the last owner stays one, and may leave when there is another", async () => {
    const [ana, ben, project] = await two();
    await open(ana, project, "general");
    expect(await ana.page.getByRole("button", { name: "Leave this project" }).isDisabled()).toBe(true);
    await ana.page.getByText("You are its last owner").waitFor();
    await open(ana, project, "members");
    expect(await ana.page.getByLabel("Role of Ana").isDisabled()).toBe(true);
    await ana.page.getByLabel("Role of Ben").selectOption("Owner");
    await ana.page.getByText("Ben is now: Owner.").waitFor();
    await ana.page.getByRole("link", { name: "General" }).click();
    await ana.page.getByRole("button", { name: "Leave this project" }).click();
    await ana.page.getByRole("dialog").getByRole("button", { name: "Leave this project" }).click();
    await ana.page.getByText("No projects yet").waitFor();
    await open(ben, project, "members");
    expect(await rowsOf(ben.page, "Members").count()).toBe(1);
  });

  test("columns are added, renamed, limited and moved by keyboard, seen at once on the other's board", async () => {
    const [ana, ben, project] = await two();
    await Promise.all([open(ana, project, "columns"), ben.openBoard(project)]);
    const { page } = ana;
    await page.getByLabel("New column").fill("Someday");
    await page.keyboard.press("Enter");
    await columnOf(ben.page, "Someday").waitFor();
    await page.getByLabel("Name of Someday").fill("Ideas");
    await page.keyboard.press("Enter");
    await columnOf(ben.page, "Ideas").waitFor();
    const grip = page.getByRole("button", { name: "Move Ideas" });
    await grip.focus();
    for (let step = 0; step < 4; step++) {
      await page.keyboard.press("ArrowUp");
      await page.getByText(`Ideas is column ${4 - step} of 5 now.`).waitFor({ state: "attached" });
      await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Move Ideas");
    }
    await waitForOrder(page, ["Ideas", "To do", "In progress", "Review", "Completed"]);
    await ben.page.locator("main section, main [role=region]").first().filter({ hasText: "Ideas" }).waitFor();
    await page.getByLabel("Limit of tasks in Ideas").fill("3");
    await page.keyboard.press("Enter");
    await page.getByLabel("Tasks in Ideas are done").check();
    await page.waitForLoadState("networkidle");
    const { items } = await ana.call<{ items: Column[] }>("GET", `/api/projects/${project.id}/columns`);
    expect(items[0]).toMatchObject({ name: "Ideas", wip_limit: 3, done: true });
  });

  test("a column is dragged to another place, and an admin in another window sees it there", async () => {
    const [ana, ben, project] = await two("admin");
    await Promise.all([open(ana, project, "columns"), open(ben, project, "columns")]);
    const from = await ana.page.getByRole("button", { name: "Move To do" }).boundingBox();
    const to = await ana.page.getByRole("button", { name: "Move Review" }).boundingBox();
    if (!from || !to) throw new Error("the rows are not on screen");
    await ana.page.mouse.move(from.x + 8, from.y + 16);
    await ana.page.mouse.down();
    await ana.page.mouse.move(from.x + 8, from.y + 60, { steps: 4 });
    await ana.page.mouse.move(to.x + 8, to.y + 30, { steps: 4 });
    await ana.page.mouse.up();
    const order = ["In progress", "Review", "To do", "Completed"];
    await waitForOrder(ben.page, order);
    expect(await namesIn(ana.page)).toEqual(order);
  });

  test("a column is deleted and its tasks go where one says", async () => {
    const [ana, ben, project] = await two();
    const path = `/api/projects/${project.id}/tasks`;
    await ana.call<Task>("POST", path, { title: "Paint", status: "review" });
    await Promise.all([open(ana, project, "columns"), ben.openBoard(project)]);
    await ana.page.getByRole("button", { name: "Delete Review" }).click();
    await ana.page.getByLabel("Where does its task go?").selectOption("Completed");
    await ana.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await columnOf(ben.page, "Completed").getByText("Paint").waitFor();
    await columnOf(ben.page, "Review").waitFor({ state: "detached" });
  });

  test("labels are made, coloured, renamed and deleted, with the tasks that carry them counted live", async () => {
    const [ana, ben, project] = await two();
    await Promise.all([open(ana, project, "labels"), open(ben, project, "labels")]);
    const { page } = ana;
    await page.getByLabel("New label").fill("Bug");
    await page.keyboard.press("Enter");
    const row = rowsOf(ben.page, "Labels").filter({ hasText: "Bug" });
    await row.getByText("Not used").waitFor();
    const { items } = await ana.call<{ items: Label[] }>("GET", `/api/projects/${project.id}/labels`);
    await ana.call("POST", `/api/projects/${project.id}/tasks`, { title: "Fix", label_ids: [items[0]?.id] });
    await row.getByText("On 1 task").waitFor();
    await page.getByRole("button", { name: "Colour of Bug" }).click();
    await page.getByRole("menuitemradio", { name: "Teal" }).click();
    await page.getByLabel("Name of Bug").fill("Fault");
    await page.keyboard.press("Enter");
    await rowsOf(ben.page, "Labels").filter({ hasText: "Fault" }).waitFor();
    await page.getByLabel("New label").fill("Fault");
    await page.keyboard.press("Enter");
    await page.getByText("There is a label of this name already.").waitFor();
    await page.getByRole("button", { name: "Delete Fault" }).click();
    await page.getByRole("alertdialog").getByText("It comes off 1 task on the board.").waitFor();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await ben.page.getByText("No labels yet").waitFor();
  });

  test("a project is deleted only when its name was typed, and its members are told", async () => {
    const [ana, ben, project] = await two();
    await Promise.all([open(ana, project, "general"), open(ben, project, "general")]);
    expect(await ben.page.getByRole("button", { name: "Delete this project" }).isDisabled()).toBe(true);
    await ana.page.getByRole("button", { name: "Delete this project" }).click();
    const button = ana.page.getByRole("button", { name: "Delete for ever" });
    await ana.page.getByLabel("Type “Website” to confirm").fill("Websit");
    expect(await button.isDisabled()).toBe(true);
    await ana.page.getByLabel("Type “Website” to confirm").fill("Website");
    await button.click();
    await ana.page.getByText("No projects yet").waitFor();
    await ben.page.getByText("This project was deleted.").waitFor();
  });
});
