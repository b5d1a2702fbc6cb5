/** What the drawer decides without a page: mentions, dates, finding tasks, sentences of the history. */
import { describe, expect, test } from "bun:test";
import type { ActivityEntry } from "../../src/protocol/activity.ts";
import { mentionedIn, withoutMentions } from "../../src/protocol/mentions.ts";
import { type Names, sentencesOf } from "../../src/web/drawer/activity-sentences.ts";
import { isoOf, isPast, momentOf, setDate, turnAllDay } from "../../src/web/drawer/dates.ts";
import { askedAt, complete, suggest, toEdit, toWire } from "../../src/web/drawer/mentions.ts";
import { circleOf, searchTasks } from "../../src/web/drawer/task-search.ts";
import { drawer as texts } from "../../src/web/texts/en/drawer.ts";
import { makeTask } from "../client/tasks.ts";

const ids = [
  "00000000-0000-7000-8000-000000000001",
  "00000000-0000-7000-8000-000000000002",
  "00000000-0000-7000-8000-000000000003",
  "00000000-0000-7000-8000-000000000004",
] as const;
const ana = { id: ids[0], name: "Ana Kovač" };
const an = { id: ids[1], name: "Ana" };
const ben = { id: ids[2], name: "Ben" };
const otherBen = { id: ids[3], name: "Ben" };
const people = [ana, an, ben];

describe("mentions", () => {
  test("are written as names and sent as the protocol reads them", () => {
    const wire = toWire("@Ana Kovač and @Ana: ask @Ben, not a@Ben or @Benjamin", people);
    expect([...mentionedIn(wire)]).toEqual([ana.id, an.id, ben.id]);
    expect(withoutMentions(wire)).toBe("@Ana Kovač and @Ana: ask @Ben, not a@Ben or @Benjamin");
    expect(toEdit(wire, people)).toBe("@Ana Kovač and @Ana: ask @Ben, not a@Ben or @Benjamin");
    expect(toWire(wire, people)).toBe(wire);
  });

  test("of two of one name keep saying who is meant", () => {
    const both = [ben, otherBen];
    expect(toWire("@Ben", both)).toBe("@Ben");
    const { text } = complete("@Be", { start: 0, query: "Be" }, otherBen, both);
    expect([...mentionedIn(toWire(text, both))]).toEqual([otherBen.id]);
    expect(toEdit(text, both)).toBe(text);
  });

  test("are asked for behind an @ that begins a word", () => {
    expect(askedAt("hello @be", 9)).toEqual({ start: 6, query: "be" });
    expect(askedAt("@ana kov", 8)).toEqual({ start: 0, query: "ana kov" });
    expect(askedAt("hello @be", 6)).toBeUndefined();
    expect(askedAt("mail a@be", 9)).toBeUndefined();
    expect(askedAt("@be\nnext", 8)).toBeUndefined();
    expect(askedAt("@one two three four", 19)).toBeUndefined();
    expect(askedAt("", 0)).toBeUndefined();
  });

  test("are suggested by any word of the name, accents and case aside, best first", () => {
    expect(suggest("kovac", people)).toEqual([ana]);
    expect(suggest("AN", people).map(({ name }) => name)).toEqual(["Ana", "Ana Kovač"]);
    expect(suggest("zoe", people)).toEqual([]);
    expect(suggest("", people)).toHaveLength(3);
  });

  test("are completed in place, with the caret behind", () => {
    expect(complete("ask @be now", { start: 4, query: "be" }, ben, people)).toEqual({ text: "ask @Ben now", caret: 9 });
    expect(complete("@", { start: 0, query: "" }, ben, people)).toEqual({ text: "@Ben ", caret: 5 });
  });

  test("a name with brackets is still one mention", () => {
    const odd = { id: ids[0], name: "Max [QA]" };
    const wire = toWire("@Max [QA] look", [odd]);
    expect([...mentionedIn(wire)]).toEqual([odd.id]);
    expect(toEdit(wire, [odd])).toBe("@Max [QA] look");
  });
});

describe("dates", () => {
  test("[H5] a whole day is midnight UTC of its date", () => {
    expect(isoOf({ date: "2026-11-21", time: "" }, true, "17:00")).toBe("2026-11-21T00:00:00.000Z");
    expect(momentOf("2026-11-21T00:00:00.000Z", true)).toEqual({ date: "2026-11-21", time: "" });
  });
  test("a time is the clock's of this zone, there and back", () => {
    const iso = isoOf({ date: "2026-11-21", time: "14:30" }, false, "17:00");
    expect(momentOf(iso ?? "", false)).toEqual({ date: "2026-11-21", time: "14:30" });
    expect(isoOf({ date: "2026-02-31x", time: "" }, false, "17:00")).toBeNull();
  });
  const none = { start_at: null, due_at: null, all_day: false };
  test("the first date of a task is a whole day; a second one is as the first", () => {
    expect(setDate(none, "due_at", "2026-11-21")).toEqual({ due_at: "2026-11-21T00:00:00.000Z", all_day: true });
    const timed = { ...none, due_at: isoOf({ date: "2026-11-21", time: "14:30" }, false, "") };
    const moved = setDate(timed, "due_at", "2026-11-22");
    expect(momentOf(moved.due_at ?? "", false)).toEqual({ date: "2026-11-22", time: "14:30" });
    expect(Object.keys(moved)).toEqual(["due_at"]);
    expect(setDate(timed, "due_at", "")).toEqual({ due_at: null });
  });
  test("turning to whole days and back keeps the dates", () => {
    const whole = { start_at: "2026-11-20T00:00:00.000Z", due_at: "2026-11-21T00:00:00.000Z", all_day: true };
    const timed = turnAllDay(whole, false);
    expect(momentOf(timed.start_at ?? "", false)).toEqual({ date: "2026-11-20", time: "09:00" });
    expect(momentOf(timed.due_at ?? "", false)).toEqual({ date: "2026-11-21", time: "17:00" });
    expect(turnAllDay({ ...whole, ...timed }, true)).toEqual(whole);
    expect(turnAllDay(none, true)).toEqual({ all_day: true });
  });
  test("a whole day is past when its date is", () => {
    const noon = new Date(2026, 10, 21, 12).getTime();
    expect(isPast("2026-11-21T00:00:00.000Z", true, noon)).toBe(false);
    expect(isPast("2026-11-20T00:00:00.000Z", true, noon)).toBe(true);
    expect(isPast(new Date(noon - 1).toISOString(), false, noon)).toBe(true);
  });
});

describe("finding tasks", () => {
  const named = (number: number, title: string, blocked_by_ids: string[] = []) => ({
    ...makeTask({ id: `t${number}` }),
    number,
    key: `WEB-${number}`,
    title,
    blocked_by_ids,
  });
  const tasks = [
    named(1, "Paint the fence", ["t2"]),
    named(2, "Buy paint", ["t3"]),
    named(3, "Café chairs"),
    named(12, "Sand"),
  ];
  test("by key, by number, by any words of the title", () => {
    const keys = (query: string) => searchTasks(tasks, query).map(({ key }) => key);
    expect(keys("web-1")).toEqual(["WEB-1", "WEB-12"]);
    expect(keys("12")).toEqual(["WEB-12"]);
    expect(keys("paint")).toEqual(["WEB-1", "WEB-2"]);
    expect(keys("fence the")).toEqual(["WEB-1"]);
    expect(keys("cafe")).toEqual(["WEB-3"]);
    expect(keys("")).toEqual(["WEB-12", "WEB-3", "WEB-2", "WEB-1"]);
  });
  test("a circle is found over any number of tasks", () => {
    const byId = new Map(tasks.map((task) => [task.id, task]));
    expect(circleOf(byId, "t3", "t1")?.map(({ key }) => key)).toEqual(["WEB-1", "WEB-2", "WEB-3"]);
    expect(circleOf(byId, "t1", "t12")).toBeUndefined();
    expect(circleOf(byId, "t1", "t1")?.length).toBe(1);
  });
});

describe("the history's sentences", () => {
  const names: Names = {
    person: (id) => people.find((person) => person.id === id)?.name,
    column: (status) => ({ todo: "To do", review: "Review" })[status] ?? status,
    label: (id) => (id === "l1" ? "bug" : undefined),
    task: (id) => (id === "t2" ? "WEB-2" : undefined),
    moment: (iso, allDay) => (allDay ? iso.slice(0, 10) : iso),
  };
  const told = (event: string, data: ActivityEntry["data"], actor: ActivityEntry["actor"] = { ...ana, kind: "user" }) =>
    sentencesOf({ seq: 1, event, at: "2026-11-21T00:00:00.000Z", actor, task_id: "t1", data }, names, texts);
  const changed = (changes: Record<string, unknown>) => told("task_updated", { changes });

  test("tell each event in plain words", () => {
    expect(told("task_created", {})).toEqual(["Ana Kovač made this task."]);
    expect(told("task_status_changed", { old_status: "todo", new_status: "gone" })).toEqual([
      "Ana Kovač moved it from To do to gone.",
    ]);
    expect(told("task_assigned", { added: [ana.id, ben.id], removed: [ids[3]] })).toEqual([
      "Ana Kovač took it on.",
      "Ana Kovač assigned Ben.",
      "Ana Kovač took Somebody who left off it.",
    ]);
    expect(told("comment_added", { comment_id: "c", excerpt: "Which\ncolour?" })).toEqual([
      "Ana Kovač commented: “Which colour?”",
    ]);
    expect(told("comment_added", { comment_id: "c" })).toEqual(["Ana Kovač commented; the comment is deleted."]);
    expect(told("comment_deleted", {}, null)).toEqual(["Taskwire deleted a comment."]);
    expect(told("something_new", {}, { id: "k", name: "CI", kind: "key" })).toEqual(["CI (an API key) changed it."]);
  });

  test("tell each change of a task, one sentence a field", () => {
    expect(changed({ title: "New", description: "Text", priority: "high" })).toEqual([
      "Ana Kovač renamed it to “New”.",
      "Ana Kovač changed the description.",
      "Ana Kovač set the priority to High.",
    ]);
    expect(changed({ due_at: "2026-11-22T00:00:00.000Z", all_day: true })).toEqual([
      "Ana Kovač set it due 2026-11-22.",
    ]);
    expect(changed({ due_at: null })).toEqual(["Ana Kovač removed the due date."]);
    expect(changed({ all_day: false })).toEqual(["Ana Kovač gave its dates a time."]);
    expect(changed({ label_ids: ["l1", "l2"] })).toEqual(["Ana Kovač set the labels to bug and a deleted label."]);
    expect(changed({ estimate: 1 })).toEqual(["Ana Kovač estimated 1 point."]);
    expect(changed({ estimate: null, archived_at: "2026-11-22T01:00:00.000Z" })).toEqual([
      "Ana Kovač removed the estimate.",
      "Ana Kovač archived it.",
    ]);
    expect(changed({ blocked_by_ids: ["t2", "t9"] })).toEqual(["Ana Kovač let it wait for WEB-2 and another task."]);
    expect(changed({ checklist: { total: 3, done: 1 } })).toEqual(["Ana Kovač changed the checklist: 1 of 3 done."]);
    expect(changed({ parent_id: null, priority: "none" })).toEqual([
      "Ana Kovač made it a task of its own.",
      "Ana Kovač removed the priority.",
    ]);
    expect(changed({ from_a_newer_server: 1 })).toEqual(["Ana Kovač changed it."]);
  });
});
