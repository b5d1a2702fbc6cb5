/** No text of the page is outside of its catalogues: in the language that puts each in brackets, nothing shows without. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { describeBoard } from "./boards.ts";
import { furnish, strangersViews, type View } from "./views.ts";

const deadlineMs = 120_000;

/**
 * Words in Latin letters that are visible or read out and stand in no brackets. What people wrote is Greek here; keys of
 * tasks, addresses, times, keys of the keyboard and names of zones are the same in every language;
 * what the server wrote says which language it is in.
 */
const hardCoded = (): string[] => {
  const found: string[] = [];
  const fullDate = /\b[A-Z][a-z]+day, \d+ [A-Z][a-z]+ \d{4} at \d\d:\d\d/g;
  const universal = /\b[A-Z]{2,10}-?\d*\b|\S+@\S+|https?:\S+|\b\w+\/\w+\b|\bwebsocket\b/g;
  /** A text may stand in another one: the inner brackets go first. */
  const outside = (text: string): string => {
    const left = text.replace(/⟦[^⟦⟧]*⟧/g, "");
    return left === text ? text : outside(left);
  };
  const check = (where: string, text: string | null): void => {
    const left = outside(text ?? "")
      .replace(fullDate, "")
      .replace(universal, "");
    if (/[a-zA-Z]{2}/.test(left)) found.push(`${where}: ${(text ?? "").trim()}`);
  };
  const skipped = "script, style, noscript, time, kbd, option, code, body [lang]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest(skipped) || !parent.checkVisibility()) continue;
    check(`<${parent.localName} class="${parent.className}">`, node.nodeValue);
  }
  for (const element of document.body.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    if (element.closest(skipped)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) check(name, element.getAttribute(name));
  }
  check("title of the document", document.title);
  return [...new Set(found)];
};

async function hardCodedIn(page: Page, views: readonly View[]): Promise<Record<string, string[]>> {
  await page.addInitScript(() => localStorage.setItem("taskwire:language", "pseudo"));
  const wrong: Record<string, string[]> = {};
  for (const view of views) {
    await view.open(page);
    const found = await page.evaluate(hardCoded);
    if (found.length > 0) wrong[view.name] = found;
  }
  return wrong;
}

describeBoard("texts", (stage) => {
  test(
    "every text on every view comes from a catalogue",
    async () => {
      const { ana, views } = await furnish(stage);
      expect(await hardCodedIn(ana.page, views)).toEqual({});
    },
    deadlineMs,
  );

  test("every text of who is not signed in comes from a catalogue", async () => {
    const seat = await stage.sit("Eve");
    await seat.context.clearCookies();
    expect(await hardCodedIn(seat.page, strangersViews(stage.server.url))).toEqual({});
  });

  test("a text that is in no catalogue is found", async () => {
    const seat = await stage.sit("Eve");
    await seat.page.goto(stage.server.url);
    await seat.page.locator("h1").waitFor();
    expect(await seat.page.evaluate(hardCoded)).toContain(`<h1 class="">: Projects`);
  });
});
