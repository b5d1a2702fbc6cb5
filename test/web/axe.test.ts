/** What axe-core finds on every view: nothing, in any look; and every view fits a window of any width. */
import { expect, test } from "bun:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { describeBoard } from "./boards.ts";
import { furnish, strangersViews, type View } from "./views.ts";

type Media = Exclude<Parameters<Page["emulateMedia"]>[0], undefined>;

const plain = { colorScheme: "light", contrast: "no-preference", forcedColors: "none" } as const satisfies Media;
/** What the look changes is asked in each: in high contrast 7 : 1, in colours of the machine's own what it makes of ours. */
const looks: readonly (readonly [string, Media, rules: readonly string[] | undefined])[] = [
  ["light", {}, undefined],
  ["dark", { colorScheme: "dark" }, ["color-contrast"]],
  ["high contrast", { contrast: "more" }, ["color-contrast-enhanced"]],
  ["high contrast, dark", { colorScheme: "dark", contrast: "more" }, ["color-contrast-enhanced"]],
  ["forced colours", { colorScheme: "dark", forcedColors: "active" }, ["color-contrast"]],
];
/** 1280 px at 200 % and at 400 %. */
const narrowWidths = [640, 320];
const wide = { width: 1280, height: 760 };
const deadlineMs = 180_000;
const parts = 3;

/** Rule and element of each finding; `rules` undefined: all of them. */
async function findings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ only }) => {
      // What moves in is not yet as it will be.
      await Promise.all(
        document
          .getAnimations()
          .map((each) => (each.effect?.getComputedTiming().endTime === Infinity ? 0 : each.finished.catch(() => 0))),
      );
      const options = only ? { runOnly: { type: "rule" as const, values: [...only] } } : {};
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, options);
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any.map(({ message }) => message).join("; ")}`),
      );
    },
    { only: rules },
  );
}

/**
 * What makes one scroll sideways or is cut off at the window's edge, but for what is wide by its nature: the columns of
 * a board, rows of tabs that are swiped, code, a table that somebody wrote.
 */
const overflows = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wrong = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : [];
    const mayScroll = "main.board, .tabs, pre, .markdown table, .unseen, .skip";
    for (const element of document.querySelectorAll<HTMLElement>("body *")) {
      if (element.closest(mayScroll) || !element.checkVisibility({ visibilityProperty: true })) continue;
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > clientWidth + 1))
        wrong.push(`${element.outerHTML.slice(0, 120)} from ${Math.round(left)} to ${Math.round(right)}`);
      if (/auto|scroll/.test(getComputedStyle(element).overflowX) && element.scrollWidth > element.clientWidth + 1)
        wrong.push(`${element.outerHTML.slice(0, 120)} scrolls ${element.scrollWidth} in ${element.clientWidth}`);
    }
    return wrong.slice(0, 5);
  });

/** In the page: what hears of a new width is drawn anew in the frames after it. */
const settle = async (): Promise<void> => {
  for (let frame = 0; frame < 3; frame++)
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
};

/** By view and look or width. Each view is opened once. */
async function findingsOf(page: Page, views: readonly View[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const note = (name: string, wrong: readonly string[]): void => {
    if (wrong.length > 0) found[name] = [...wrong];
  };
  for (const view of views) {
    await page.emulateMedia(plain);
    await page.setViewportSize(wide);
    await view.open(page);
    for (const [look, media, rules] of looks) {
      await page.emulateMedia({ ...plain, ...media });
      const theme = "contrast" in media ? "contrast" : undefined;
      await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
      note(`${view.name}, ${look}`, await findings(page, rules));
    }
    for (const width of narrowWidths) {
      await page.setViewportSize({ ...wide, width });
      await page.evaluate(settle);
      note(`${view.name}, ${width} px`, await overflows(page));
    }
  }
  return found;
}

describeBoard("accessibility", (stage) => {
  // In parts, each far from its deadline on a slow machine.
  test.each(Array.from({ length: parts }, (_, part) => part))(
    "axe-core finds nothing on any view in any look, and none scrolls sideways at 200 % and 400 %: part %i",
    async (part) => {
      const { ana, views } = await furnish(stage);
      expect(views.length).toBeGreaterThan(20);
      const mine = views.filter((_, at) => at % parts === part);
      expect(await findingsOf(ana.page, mine)).toEqual({});
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

  test("axe-core finds what is wrong, and what does not fit is found", async () => {
    const [seat] = await stage.oneAtABoard(["Paint"]);
    await seat.page.evaluate(() => document.querySelector("h1")?.insertAdjacentHTML("afterend", "<button></button>"));
    const found = await findings(seat.page);
    expect(found.map((line) => line.split(":")[0])).toContain("button-name");
    expect(await overflows(seat.page)).toEqual([]);
    await seat.page.evaluate(() => {
      const title = document.querySelector("h1");
      if (title) title.style.minWidth = "1400px";
    });
    expect((await overflows(seat.page)).length).toBeGreaterThan(0);
  });
});
