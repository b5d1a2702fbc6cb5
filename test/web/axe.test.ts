/** What axe-core finds on every view: nothing. */
import { expect, test } from "bun:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describeBoard } from "./boards.ts";
import { furnish, strangersViews, type View } from "./views.ts";

const schemes = ["light", "dark"] as const;
const deadlineMs = 180_000;

/** Rule and element of each finding. */
async function findings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    // What moves in is not yet as it will be.
    await Promise.all(
      document
        .getAnimations()
        .map((each) => (each.effect?.getComputedTiming().endTime === Infinity ? 0 : each.finished)),
    );
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any.map(({ message }) => message).join("; ")}`),
    );
  });
}

async function findingsOf(page: Page, views: readonly View[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const view of views) {
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await view.open(page);
      const wrong = await findings(page);
      if (wrong.length > 0) found[`${view.name}, ${colorScheme}`] = wrong;
    }
  }
  return found;
}

describeBoard("accessibility", (stage) => {
  test(
    "axe-core finds nothing on any view, light and dark",
    async () => {
      const { ana, views } = await furnish(stage);
      expect(views.length).toBeGreaterThan(20);
      expect(await findingsOf(ana.page, views)).toEqual({});
    },
    deadlineMs,
  );

  test(
    "axe-core finds nothing on the views of who is not signed in",
    async () => {
      const seat = await stage.sit("Eve");
      await seat.context.clearCookies();
      expect(await findingsOf(seat.page, strangersViews(stage.server.url))).toEqual({});
    },
    deadlineMs,
  );

  test("axe-core finds what is wrong", async () => {
    const [seat] = await stage.oneAtABoard(["Paint"]);
    await seat.page.evaluate(() => document.querySelector("h1")?.insertAdjacentHTML("afterend", "<button></button>"));
    const found = await findings(seat.page);
    expect(found.map((line) => line.split(":")[0])).toContain("button-name");
  });
});
