/** What is run inside of the measured page: notes of when something was on the screen. Times are ms since 1970. */
import type { CDPSession, Page } from "playwright-core";

/** Before the page's own code: when was the board live with its cards, and able to answer? */
export const noteBoard = (): void => {
  const look = new MutationObserver(() => {
    if (!document.querySelector(".corner[data-state=live]") || !document.querySelector(".card")) return;
    look.disconnect();
    // Drawn, and the main thread is free again.
    requestAnimationFrame(() => setTimeout(() => Object.assign(globalThis, { boardMs: performance.now() })));
  });
  look.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
};

/** From the start of the navigation. */
export const boardMs = (page: Page): Promise<number> =>
  page
    .waitForFunction(() => (globalThis as { boardMs?: number }).boardMs)
    .then((handle) => handle.jsonValue())
    .then((ms) => ms ?? Number.NaN);

/** Resolves with when the text was drawn on a card. Asked before it is sent: answers once the page listens. */
export async function whenShown(page: Page, text: string): Promise<() => Promise<number>> {
  await page.evaluate((wanted) => {
    const shown = new Promise<number>((resolve) => {
      const look = new MutationObserver(() => {
        const titles = [...document.querySelectorAll(".card-title")];
        if (!titles.some(({ textContent }) => textContent?.includes(wanted))) return;
        look.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
      });
      look.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    Object.assign(globalThis, { shown });
  }, text);
  return () => page.evaluate(() => (globalThis as unknown as { shown: Promise<number> }).shown);
}

export interface Drag {
  /** From the start of the drag to the card being shown as held; ms. */
  readonly heldMs: number;
  /** From the drop to the card being drawn in its new column; ms. */
  readonly droppedMs: number;
}

/** Listens for the drag of one card from here on. */
async function listenForDrag(page: Page, taskId: string, toStatus: string): Promise<void> {
  await page.evaluate(
    ([id, status]) => {
      const times: Partial<Record<"start" | "held" | "drop" | "moved", number>> = {};
      Object.assign(globalThis, { dragTimes: times });
      const note = (name: keyof typeof times) =>
        requestAnimationFrame(() => setTimeout(() => (times[name] ??= performance.now())));
      addEventListener("dragstart", () => (times.start = performance.now()), { capture: true });
      addEventListener("drop", () => (times.drop = performance.now()), { capture: true });
      new MutationObserver(() => {
        if (document.querySelector(`[data-task="${id}"][data-held]`)) note("held");
        if (times.drop && document.querySelector(`[data-status="${status}"] [data-task="${id}"]`)) note("moved");
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    },
    [taskId, toStatus],
  );
}

/** Drags a card that is in view to the head of another column's list. */
export async function dragCard(page: Page, taskId: string, toStatus: string): Promise<Drag> {
  await listenForDrag(page, taskId, toStatus);
  await page.locator(`[data-task="${taskId}"]`).dragTo(page.locator(`[data-status="${toStatus}"] .cards`), {
    targetPosition: { x: 60, y: 10 },
  });
  const times = await page.waitForFunction(() => {
    const { dragTimes } = globalThis as unknown as { dragTimes: Partial<Record<string, number>> };
    return dragTimes.moved !== undefined && dragTimes.held !== undefined ? dragTimes : undefined;
  });
  const { start = 0, held = Number.NaN, drop = 0, moved = Number.NaN } = (await times.jsonValue()) ?? {};
  return { heldMs: held - start, droppedMs: moved - drop };
}

export interface Paint {
  /** Largest contentful paint, from the start of the navigation; ms. */
  readonly lcpMs: number;
  /** Cumulative layout shift. */
  readonly cls: number;
}

/** Listens by the DevTools protocol from here on; the answer reads what was heard so far, since the page's last load. */
export async function listenForPaint(cdp: CDPSession, page: Page): Promise<() => Promise<Paint>> {
  let lcpAt = 0;
  let cls = 0;
  cdp.on("PerformanceTimeline.timelineEventAdded", ({ event }) => {
    if (event.lcpDetails) lcpAt = event.lcpDetails.renderTime || event.lcpDetails.loadTime;
    if (event.layoutShiftDetails && !event.layoutShiftDetails.hadRecentInput) cls += event.layoutShiftDetails.value;
  });
  await cdp.send("PerformanceTimeline.enable", { eventTypes: ["largest-contentful-paint", "layout-shift"] });
  return async () => {
    const origin = await page.evaluate(() => performance.timeOrigin);
    // Seconds since 1970.
    return { lcpMs: lcpAt * 1000 - origin, cls };
  };
}

/** Bytes of live objects: after collecting garbage. */
export async function heapBytes(cdp: CDPSession): Promise<number> {
  await cdp.send("HeapProfiler.enable");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  return usedSize;
}
