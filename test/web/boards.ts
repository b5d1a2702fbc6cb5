/** A server, a browser and people before its boards, for a file of tests. */
import { afterAll, afterEach, beforeAll, describe, expect } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Member, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { createLink, type Link } from "../support/link.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import { cardOf, chromiumPath, launch, type Seat, sitDown } from "./browser.ts";

export interface Stage {
  readonly server: ServerProcess;
  /** A network that can be cut; Ben's. */
  readonly link: Link;
  /** A new person in a window of their own. */
  sit(name: string, options?: BrowserContextOptions, url?: string): Promise<Seat>;
  /** Ana alone before a board with these cards in its first column. */
  oneAtABoard(titles: readonly string[], options?: BrowserContextOptions): Promise<[Seat, Project]>;
  /** Ana and Ben before one board with these cards in its first column; Ben's network is the link. */
  twoAtOneBoard(...titles: string[]): Promise<[Seat, Seat, Project]>;
}

/** A suite in the real browser; skipped where there is none. A fault of any page fails the test. */
export function describeBoard(name: string, run: (stage: Stage) => void): void {
  describe.skipIf(chromiumPath === undefined)(name, () => {
    let server: ServerProcess;
    let link: Link;
    let browser: Browser;
    let seats: Seat[] = [];
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
    const sit: Stage["sit"] = async (person, options = {}, url = server.url) => {
      const seat = await sitDown(browser, url, person, options);
      seats.push(seat);
      return seat;
    };
    const makeBoard = async (ana: Seat, titles: readonly string[]): Promise<Project> => {
      const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
      for (const title of titles) await makeTask(ana, project, { title });
      return project;
    };
    run({
      get server() {
        return server;
      },
      get link() {
        return link;
      },
      sit,
      async oneAtABoard(titles, options) {
        const ana = await sit("Ana", options);
        const project = await makeBoard(ana, titles);
        await ana.openBoard(project);
        return [ana, project];
      },
      async twoAtOneBoard(...titles) {
        const [ana, ben] = [await sit("Ana"), await sit("Ben", {}, link.url)];
        const project = await makeBoard(ana, titles);
        await addMember(ana, project, ben, "member");
        await Promise.all([ana.openBoard(project), ben.openBoard(project)]);
        return [ana, ben, project];
      },
    });
  });
}

export const makeTask = (seat: Seat, project: Project, task: Partial<Task>): Promise<Task> =>
  seat.call<Task>("POST", `/api/projects/${project.id}/tasks`, task);

export const addMember = (seat: Seat, project: Project, other: Seat, role: string): Promise<Member> =>
  seat.call<Member>("POST", `/api/projects/${project.id}/members`, { email: other.email, role });

/** The link of a card, which takes the keys. */
export const linkOf = (page: Page, title: string) => cardOf(page, title).getByRole("link");

/** Moves the card to the end of another column by its menu. */
export async function moveByMenu(page: Page, title: string, column: string): Promise<void> {
  await openMenu(page, title);
  await page.getByRole("menuitemradio", { name: column }).click();
}

export async function openMenu(page: Page, title: string): Promise<void> {
  await cardOf(page, title).hover();
  await cardOf(page, title)
    .getByRole("button", { name: /^More for/ })
    .click();
}

/** What is announced to screen readers, where they hear it: an open drawer or dialog silences the page behind it. */
export const announced = (page: Page, text: string | RegExp) =>
  page
    .locator('dialog:modal .notices > [role="status"], body:not(:has(dialog:modal)) #page > [role="status"]')
    .filter({ hasText: text });
