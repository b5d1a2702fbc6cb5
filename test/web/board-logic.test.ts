/** What the board computes: lists, places, windows, filters, due dates. Without a browser. */
import { describe, expect, test } from "bun:test";
import { dueStateOf } from "../../src/web/board/due.ts";
import { matcherOf, noFilter, parseFilter, queryWith } from "../../src/web/board/filter.ts";
import { listsOf } from "../../src/web/board/lists.ts";
import {
  type Columns,
  type Gap,
  neighbourOf,
  nextGap,
  ordinalOf,
  placeOf,
  presentPlace,
} from "../../src/web/board/places.ts";
import { offsetsOf, rangeAt, segmentsOf } from "../../src/web/board/windowing.ts";
import { aColumn, aTask } from "./board-tasks.ts";

const everything = () => true;
const columns = [aColumn("todo"), aColumn("done")];

describe("lists", () => {
  test("tasks stand in their columns by position, and one whose column is gone in the first", () => {
    const tasks = [aTask("c", { position: "c" }), aTask("a", { position: "a" }), aTask("lost", { status: "gone" })];
    const { shown, totals, hidden } = listsOf(columns, tasks, everything);
    expect(shown.get("todo")?.map(({ id }) => id)).toEqual(["a", "c", "lost"]);
    expect(shown.get("done")).toEqual([]);
    expect([totals.get("todo"), hidden]).toEqual([3, 0]);
  });

  test("a list in which nothing changed is the same array, the others are not", () => {
    const [a, b] = [aTask("a"), aTask("b", { status: "done" })];
    const before = listsOf(columns, [a, b], everything);
    const after = listsOf(columns, [{ ...a, title: "another" }, b], everything, before);
    expect(after.shown.get("done")).toBe(before.shown.get("done") ?? []);
    expect(after.shown.get("todo")).not.toBe(before.shown.get("todo") ?? []);
  });

  test("hidden tasks are counted, in all and in the total of their column", () => {
    const { shown, totals, hidden } = listsOf(columns, [aTask("a"), aTask("b")], ({ id }) => id === "a");
    expect([shown.get("todo")?.length, totals.get("todo"), hidden]).toEqual([1, 2, 1]);
  });
});

describe("places", () => {
  const list = ["a", "b", "c"].map((id) => aTask(id));
  const gap = (index: number): Gap => ({ status: "todo", index });

  test("a gap is behind the card above it, in front of the first, or in an empty column", () => {
    const other = aTask("x", { status: "done" });
    expect(placeOf(gap(2), list, other)).toEqual({ status: "todo", after: "b" });
    expect(placeOf(gap(0), list, other)).toEqual({ status: "todo", before: "a" });
    expect(placeOf(gap(0), [], other)).toEqual({ status: "todo" });
  });

  test("the gaps beside a card are where it stands: nothing is to be moved", () => {
    expect(placeOf(gap(1), list, aTask("b"))).toBeNull();
    expect(placeOf(gap(2), list, aTask("b"))).toBeNull();
    expect(placeOf(gap(3), list, aTask("b"))).toEqual({ status: "todo", after: "c" });
  });

  test("the way back leads behind the card above, or in front of the one below", () => {
    expect(presentPlace(aTask("b"), list)).toEqual({ status: "todo", after: "a" });
    expect(presentPlace(aTask("a"), list)).toEqual({ status: "todo", before: "b" });
    expect(presentPlace(aTask("a"), [aTask("a")])).toEqual({ status: "todo" });
  });

  test("a carried card takes each place once, down, up and in the next column", () => {
    const board: Columns = [
      { status: "todo", list },
      { status: "done", list: [aTask("d", { status: "done" })] },
    ];
    const walk = (from: Gap, ...steps: ("up" | "down" | "left" | "right")[]) =>
      steps.reduce((at, step) => nextGap(at, step, board, "b"), from);
    const told = (at: Gap) => ordinalOf(at, board.find(({ status }) => status === at.status)?.list ?? [], "b");
    expect(told(gap(1))).toEqual({ position: 2, count: 3 });
    expect(told(walk(gap(1), "down"))).toEqual({ position: 3, count: 3 });
    expect(told(walk(gap(1), "down", "down"))).toEqual({ position: 3, count: 3 });
    expect(told(walk(gap(1), "down", "up"))).toEqual({ position: 2, count: 3 });
    expect(told(walk(gap(1), "down", "up", "up"))).toEqual({ position: 1, count: 3 });
    expect(walk(gap(1), "right")).toEqual({ status: "done", index: 1 });
    expect(told(walk(gap(1), "right"))).toEqual({ position: 2, count: 2 });
    expect(walk(gap(1), "right", "right")).toEqual({ status: "done", index: 1 });
    expect(walk(gap(1), "left")).toEqual(gap(1));
  });

  test("arrows lead to the next card, sideways over empty columns", () => {
    const board: Columns = [
      { status: "todo", list },
      { status: "empty", list: [] },
      { status: "done", list: [aTask("d", { status: "done" })] },
    ];
    expect(neighbourOf("b", "up", board)?.id).toBe("a");
    expect(neighbourOf("c", "down", board)).toBeUndefined();
    expect(neighbourOf("c", "right", board)?.id).toBe("d");
    expect(neighbourOf("d", "left", board)?.id).toBe("a");
    expect(neighbourOf("d", "right", board)).toBeUndefined();
  });
});

describe("windows", () => {
  const offsets = offsetsOf(100, () => 72, 8);

  test("offsets are sums of heights and gaps, without a gap behind the last", () => {
    expect([...offsetsOf(3, (index) => 10 * (index + 1), 5)]).toEqual([0, 15, 40, 70]);
    expect([...offsetsOf(0, () => 72, 8)]).toEqual([0]);
  });

  test("the range holds the cards that touch what is seen, at both ends too", () => {
    expect(rangeAt(offsets, 160, 400)).toEqual({ start: 2, end: 5 });
    expect(rangeAt(offsets, -500, 100)).toEqual({ start: 0, end: 2 });
    expect(rangeAt(offsets, 7900, 9000)).toEqual({ start: 98, end: 100 });
    expect(rangeAt(offsets, 99_999, 100_000)).toEqual({ start: 99, end: 100 });
  });

  test("cards and room together are as tall as the column, whatever is kept", () => {
    for (const kept of [[], [0], [99], [50, 3], [11]]) {
      const segments = segmentsOf(offsets, { start: 10, end: 20 }, kept, 8);
      const cards = segments.flatMap((segment) => ("card" in segment ? [segment.card] : []));
      const room = segments.reduce((sum, segment) => sum + ("room" in segment ? segment.room : 72), 0);
      expect(room + (segments.length - 1) * 8).toBe(offsets[100] ?? 0);
      expect(cards).toEqual([...new Set([...kept, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])].sort((a, b) => a - b));
    }
  });
});

describe("filters", () => {
  const now = new Date(2026, 10, 21, 12).getTime();
  const shows = (query: string, task: Parameters<typeof aTask>[1]) =>
    matcherOf(parseFilter(new URLSearchParams(query)), now)(aTask("a", task));

  test("what stands in the address comes back from it, and what belongs to others stays there", () => {
    const filter = { text: "sign in", people: ["p1", "none"], labels: ["l1"], due: "week" as const };
    const query = queryWith(filter, new URLSearchParams("tab=1"));
    expect(parseFilter(query)).toEqual(filter);
    expect(query.get("tab")).toBe("1");
    expect(queryWith(noFilter, query).toString()).toBe("tab=1");
    expect(parseFilter(new URLSearchParams("due=never"))).toEqual(noFilter);
  });

  test("every word must be in title, key or description", () => {
    const task = { key: "WEB-7", title: "Fix the Login", description: "on phones" };
    for (const query of ["q=login", "q=web-7", "q=phones fix"]) expect(shows(query, task)).toBe(true);
    expect(shows("q=login laptop", task)).toBe(false);
  });

  test("one of the people and one of the labels is enough, and nobody is a choice", () => {
    const task = { assignee_ids: ["ana"], label_ids: ["web"] };
    expect(shows("who=ben,ana&label=web,bug", task)).toBe(true);
    expect(shows("who=ben", task)).toBe(false);
    expect(shows("who=none", task)).toBe(false);
    expect(shows("who=none", {})).toBe(true);
    expect(shows("who=ana&label=bug", task)).toBe(false);
  });

  test("due dates: an all-day date is over when the day is, wherever one is", () => {
    const on = (day: number) => ({ due_at: new Date(Date.UTC(2026, 10, day)).toISOString(), all_day: true });
    expect(["overdue", "today", "week", "none"].map((due) => shows(`due=${due}`, on(21)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(shows("due=overdue", on(20))).toBe(true);
    expect(shows("due=overdue", { ...on(20), completed_at: "2026-11-20T10:00:00.000Z" })).toBe(false);
    expect(shows("due=week", on(27))).toBe(true);
    expect(shows("due=week", on(28))).toBe(false);
    expect(shows("due=none", {})).toBe(true);
  });

  test("a due time is overdue to the minute, tomorrow is soon, later is later", () => {
    const at = (ms: number) => aTask("a", { due_at: new Date(now + ms).toISOString() });
    expect(dueStateOf(at(-60_000), now)).toBe("overdue");
    expect(dueStateOf(at(60_000), now)).toBe("soon");
    expect(dueStateOf(at(86_400_000), now)).toBe("soon");
    expect(dueStateOf(at(3 * 86_400_000), now)).toBe("later");
    expect(dueStateOf(aTask("a"), now)).toBeNull();
  });
});
