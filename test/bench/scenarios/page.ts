/** The page in a real browser: a board of 2,000 cards, a drag, another window's change, 10,000 events. */
import type { Browser } from "playwright-core";
import type { Project } from "../../../src/protocol/projects.ts";
import type { Task } from "../../../src/protocol/tasks.ts";
import { launch, type Seat, sitDown } from "../../web/browser.ts";
import { median, startServer, type Target } from "../harness.ts";
import { boardMs, dragCard, heapBytes, listenForPaint, noteBoard, whenShown } from "../page-probes.ts";
import { type Scenario, withFolder } from "../scenario.ts";
import { taskwireUpdate } from "../targets.ts";

const cards = 2_000;
const events = 10_000;
/** Before the heap is looked at for the first time: code is compiled and caches are full. */
const warmEvents = 2_000;
const atOnce = 16;
const statuses = ["todo", "in_progress", "review", "completed"] as const;

interface Round {
  readonly boardMs: number;
  readonly lcpMs: number;
  readonly cls: number;
  readonly heldMs: number;
  readonly droppedMs: number;
  readonly eventMs: number;
}

export const page: Scenario = ({ rounds, command, lines }) =>
  withFolder(async (dataDir) => {
    const target = taskwireUpdate({ databaseUrl: undefined, command }, dataDir);
    const server = await startServer(open(target));
    const browser = await launch();
    try {
      const url = `http://127.0.0.1:${server.port}`;
      const { ana, ben, project, tasks } = await furnish(browser, url);
      const got: Round[] = [];
      for (let round = 0; round < rounds; round++) got.push(await measure(ana, ben, url, project, tasks, round));
      const add = (measure: string, unit: string, figure: number, most: number) =>
        lines.add({
          scenario: "page",
          case: `${cards} cards`,
          measure,
          taskwire: figure,
          unit,
          bound: { of: "value", is: "at most", figure: most },
        });
      const ms = (name: keyof Round) => median(got.map((one) => one[name]));
      add("ms until live and free", "ms", ms("boardMs"), 1_000);
      add("ms to the largest paint", "ms", ms("lcpMs"), 1_000);
      add("layout shift", "", ms("cls"), 0.1);
      add("ms until a dragged card is held", "ms", ms("heldMs"), 100);
      add("ms until a dropped card is there", "ms", ms("droppedMs"), 100);
      add("ms until another's change is drawn", "ms", ms("eventMs"), 100);
      const heap = await measureHeap(ana, ben, url, tasks);
      add(`heap after ${events} events, by before`, "×", heap, 1.1);
    } finally {
      await browser.close();
      await server.stop();
    }
  });

/** Anybody may sign up, and nobody is too fast. */
const open = (target: Target): Target => ({
  ...target,
  env: { ...target.env, SIGN_UP: "open", RATE_LIMIT_ENABLED: "false" },
});

async function furnish(browser: Browser, url: string) {
  const [ana, ben] = [await sitDown(browser, url, "Ana"), await sitDown(browser, url, "Ben")];
  const project = await ana.call<Project>("POST", "/api/projects", { name: "Website" });
  await ana.call("POST", `/api/projects/${project.id}/members`, { email: ben.email, role: "member" });
  const send = await sender(ana, url);
  const tasks: Task[] = [];
  await inTurns(cards, async (at) => {
    const body = { title: `Card ${at} of a board that is rather full`, status: statuses[at % statuses.length] };
    tasks[at] = await send<Task>("POST", `/api/projects/${project.id}/tasks`, body);
  });
  await ana.page.addInitScript(noteBoard);
  return { ana, ben, project, tasks };
}

/** REST with a person's cookie, without the browser's part in it. */
async function sender(seat: Seat, url: string) {
  const cookie = (await seat.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  return async <Body>(method: string, path: string, body: unknown): Promise<Body> => {
    const headers = { cookie, origin: url, "content-type": "application/json" };
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} was answered ${response.status} ${await response.text()}`);
    return response.json();
  };
}

async function inTurns(count: number, run: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function measure(ana: Seat, ben: Seat, url: string, project: Project, tasks: readonly Task[], round: number) {
  const cdp = await ana.context.newCDPSession(ana.page);
  const paint = await listenForPaint(cdp, ana.page);
  await ana.page.goto(`${url}/projects/${project.id}`);
  const liveMs = await boardMs(ana.page);
  const { lcpMs, cls } = await paint();
  await cdp.detach();
  // A card that is in view, and its neighbour for the other window.
  const ids = await ana.page
    .locator('[data-status="todo"] .card')
    .evaluateAll((all) => all.map((card) => card.getAttribute("data-task")));
  const [held = "", changed = ""] = ids.filter((id) => id !== null);
  const { heldMs, droppedMs } = await dragCard(ana.page, held, "review");
  const send = await sender(ben, url);
  const all: number[] = [];
  for (let time = 0; time < 5; time++) {
    const title = `Changed by another, ${round} ${time}`;
    const shown = await whenShown(ana.page, title);
    const sentAt = performance.timeOrigin + performance.now();
    await send("PATCH", `/api/tasks/${changed}`, { title });
    all.push((await shown()) - sentAt);
  }
  if (tasks.length !== cards) throw new Error("there are not so many tasks");
  return { boardMs: liveMs, lcpMs, cls, heldMs, droppedMs, eventMs: median(all) };
}

/** The heap after so many events, by the heap before them. */
async function measureHeap(ana: Seat, ben: Seat, url: string, tasks: readonly Task[]): Promise<number> {
  const cdp = await ana.context.newCDPSession(ana.page);
  const send = await sender(ben, url);
  let told = 0;
  const change = async (count: number): Promise<void> => {
    await inTurns(count, async () => {
      const number = told++;
      const task = tasks[(number * 7) % tasks.length];
      const body =
        number % 2 === 0
          ? { title: `Card ${number % tasks.length} again` }
          : { priority: number % 4 === 1 ? "high" : "low" };
      await send("PATCH", `/api/tasks/${task?.id}`, body);
    });
    const first = await ana.page.locator(".card").first().getAttribute("data-task");
    const last = `The last of ${told}`;
    const shown = await whenShown(ana.page, last);
    await send("PATCH", `/api/tasks/${first}`, { title: last });
    await shown();
  };
  await change(warmEvents);
  const before = await heapBytes(cdp);
  await change(events);
  const after = await heapBytes(cdp);
  console.log(`  heap ${(before / 1e6).toFixed(1)} MB before, ${(after / 1e6).toFixed(1)} MB after ${events} events`);
  return after / before;
}
