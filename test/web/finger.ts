/** A finger on a page, as the browser sees it: playwright's own only taps. */
import type { BrowserContextOptions, Locator, Page } from "playwright-core";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A machine that is touched, wide enough for several columns. */
export const touched = {
  viewport: { width: 900, height: 740 },
  hasTouch: true,
  isMobile: true,
} satisfies BrowserContextOptions;

export async function middleOf(element: Locator): Promise<Point> {
  const box = await element.boundingBox();
  if (!box) throw new Error(`${element} is not seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export interface Finger {
  down(at: Point): Promise<void>;
  /** In steps, as a hand does. */
  move(from: Point, to: Point): Promise<void>;
  up(): Promise<void>;
  /** The same from down to up. It moves at once: it does not rest, however slow this process is. */
  flick(from: Point, to: Point): Promise<void>;
}

export async function fingerOn(page: Page): Promise<Finger> {
  const session = await page.context().newCDPSession(page);
  const send = async (type: "touchStart" | "touchMove" | "touchEnd", points: readonly Point[]): Promise<void> => {
    await session.send("Input.dispatchTouchEvent", { type, touchPoints: [...points] });
  };
  const steps = (from: Point, to: Point): Point[] =>
    [0.25, 0.5, 0.75, 1].map((part) => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }));
  return {
    down: (at) => send("touchStart", [at]),
    async move(from, to) {
      for (const at of steps(from, to)) await send("touchMove", [at]);
    },
    up: () => send("touchEnd", []),
    async flick(from, to) {
      const [first = to, ...others] = steps(from, to);
      await Promise.all([send("touchStart", [from]), send("touchMove", [first])]);
      for (const at of others) await send("touchMove", [at]);
      await send("touchEnd", []);
    },
  };
}
