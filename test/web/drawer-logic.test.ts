/** What the drawer decides without a page: edits that race, drafts, merges, mentions, dates, sentences of the history. */
import { describe, expect, test } from "bun:test";
import { TaskwireError } from "../../src/client/index.ts";
import type { ActivityEntry } from "../../src/protocol/activity.ts";
import { mentionedIn, withoutMentions as readText } from "../../src/protocol/mentions.ts";
import { type Names, sentencesOf } from "../../src/web/drawer/activity-sentences.ts";
import { isoOf, isPast, momentOf, setDate, turnAllDay } from "../../src/web/drawer/dates.ts";
import { type Base, createDrafts, type DraftStorage } from "../../src/web/drawer/drafts.ts";
import { askedAt, complete, suggest, toEdit, toWire, withoutMentions } from "../../src/web/drawer/mentions.ts";
import { mergeTexts } from "../../src/web/drawer/merge.ts";
import { circleOf, searchTasks } from "../../src/web/drawer/task-search.ts";
import { createTextEdit, type Shown } from "../../src/web/drawer/text-edit.ts";
import { drawer as texts } from "../../src/web/texts/en/drawer.ts";
import { makeTask } from "../client/tasks.ts";

function memoryStorage(): DraftStorage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
}

/** A server with one text, an edit of it, and the pause between typing and sending in the test's hand. */
function editing(text = "one", storage = memoryStorage()) {
  let server: Base = { text, version: 1 };
  let timer: (() => void) | undefined;
  const answers: (() => void)[] = [];
  const slot = createDrafts(storage, "ana", () => 1_000_000).slot("task", "description");
  const shown = (): Shown => ({ ...server, pending: false });
  const edit = createTextEdit({
    shown: shown(),
    save: async (wanted, version) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      if (version !== server.version) throw new TaskwireError("conflict", "stale", { current: server });
      server = { text: wanted, version: version + 1 };
      return server;
    },
    // The only `current` in these tests is the one thrown above.
    currentOf: ({ extras }) => extras.current as Base | undefined,
    draft: slot,
    acceptable: (value) => value !== "",
    later(run) {
      timer = run;
      return () => {
        timer = undefined;
      };
    },
  });
  const settled = async () => {
    for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  };
  return {
    edit,
    slot,
    storage,
    server: () => server,
    pause: () => timer?.(),
    /** The server answers what it was sent. */
    async answer() {
      answers.shift()?.();
      await settled();
    },
    sent: () => answers.length,
    /** Somebody else writes; `told`: the event has come. */
    async others(next: string, told = true) {
      server = { text: next, version: server.version + 1 };
      if (told) edit.show(shown());
      await settled();
    },
    elsewhere: () => {
      server = { ...server, version: server.version + 1 };
    },
  };
}

describe("the edit of a text", () => {
  test("is sent after the pause, and what is typed meanwhile goes after it", async () => {
    const { edit, pause, answer, server, slot } = editing();
    edit.type("one two");
    expect(edit.state.value.name).toBe("dirty");
    expect(slot.read()).toMatchObject({ text: "one two", base: { text: "one", version: 1 } });
    pause();
    expect(edit.state.value.name).toBe("saving");
    edit.type("one two three");
    await answer();
    expect(server().text).toBe("one two");
    expect(edit.state.value.name).toBe("saving");
    await answer();
    expect(server()).toEqual({ text: "one two three", version: 3 });
    expect(edit.state.value.name).toBe("saved");
    expect(slot.read()).toBeUndefined();
  });

  test("follows what others write while nothing is typed", async () => {
    const { edit, others } = editing();
    await others("theirs");
    expect(edit.value.value).toBe("theirs");
    expect(edit.state.value.name).toBe("clean");
  });

  test("that lost the race shows both texts and sends nothing until one is chosen", async () => {
    const { edit, others, pause, answer, server, sent } = editing();
    edit.type("mine");
    await others("theirs", false);
    pause();
    await answer();
    expect(edit.state.value).toEqual({ name: "conflict", base: "one", theirs: { text: "theirs", version: 2 } });
    expect(edit.value.value).toBe("mine");
    edit.type("mine still");
    edit.flush();
    expect(sent()).toBe(0);
    edit.keepMine();
    await answer();
    expect(server()).toEqual({ text: "mine still", version: 3 });
    expect(edit.state.value.name).toBe("saved");
  });

  test("that hears of another text before it was sent is a conflict at once; theirs can be taken", async () => {
    const { edit, others, server, slot } = editing();
    edit.type("mine");
    await others("theirs");
    expect(edit.state.value.name).toBe("conflict");
    edit.takeTheirs();
    expect(edit.value.value).toBe("theirs");
    expect(server().text).toBe("theirs");
    expect(slot.read()).toBeUndefined();
  });

  test("a merged text is written over the one that was seen, and a third text is a conflict again", async () => {
    const { edit, others, pause, answer, server } = editing();
    edit.type("mine");
    await others("theirs");
    edit.merge("mine and theirs");
    await others("a third");
    expect(edit.state.value).toMatchObject({ name: "conflict", base: "theirs", theirs: { text: "a third" } });
    edit.merge("all three");
    pause();
    await answer();
    expect(server().text).toBe("all three");
  });

  test("a change elsewhere in the task is no conflict", async () => {
    const { edit, elsewhere, pause, answer, server } = editing();
    edit.type("mine");
    elsewhere();
    pause();
    await answer();
    await answer();
    expect(server()).toEqual({ text: "mine", version: 3 });
    expect(edit.state.value.name).toBe("saved");
  });

  test("an empty text that may not be is kept and not sent", () => {
    const { edit, pause, sent, slot } = editing();
    edit.type("");
    pause();
    expect(sent()).toBe(0);
    expect(edit.state.value.name).toBe("dirty");
    expect(slot.read()?.text).toBe("");
  });

  test("typed back to what it was is no edit", () => {
    const { edit, slot } = editing();
    edit.type("two");
    edit.type("one");
    expect(edit.state.value.name).toBe("clean");
    expect(slot.read()).toBeUndefined();
  });

  test("is there again after a reload, and is sent", async () => {
    const before = editing();
    before.edit.type("typed before the reload");
    const after = editing("one", before.storage);
    expect(after.edit.value.value).toBe("typed before the reload");
    after.pause();
    await after.answer();
    expect(after.server().text).toBe("typed before the reload");
  });

  test("that somebody else overtook while the page was closed is a conflict when it opens", () => {
    const before = editing();
    before.edit.type("mine");
    const after = editing("theirs", before.storage);
    expect(after.edit.state.value).toMatchObject({ name: "conflict", base: "one", theirs: { text: "theirs" } });
    expect(after.edit.unsaved()).toBe("mine");
  });

  test("a write that waits since before the reload is not sent twice, and its draft goes when it is confirmed", () => {
    const before = editing();
    before.edit.type("mine");
    const { edit, slot, pause, sent } = editing("one", before.storage);
    edit.show({ text: "mine", version: 1, pending: true });
    expect(edit.state.value.name).toBe("saving");
    pause();
    edit.flush();
    expect(sent()).toBe(0);
    expect(slot.read()?.text).toBe("mine");
    edit.show({ text: "mine", version: 2, pending: false });
    expect(edit.state.value.name).toBe("saved");
    expect(slot.read()).toBeUndefined();
  });

  test("refused, the text stays and can be sent again", async () => {
    const storage = memoryStorage();
    let refuse = true;
    const edit = createTextEdit({
      shown: { text: "one", version: 1, pending: false },
      save: async (text) => {
        if (refuse) throw new TaskwireError("forbidden", "not yours");
        return { text, version: 2 };
      },
      currentOf: () => undefined,
      draft: createDrafts(storage, "ana", () => 0).slot("task", "title"),
      later: () => () => {},
    });
    edit.type("two");
    edit.flush();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(edit.state.value.name).toBe("refused");
    expect(edit.value.value).toBe("two");
    refuse = false;
    edit.flush();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(edit.state.value.name).toBe("saved");
  });
});

describe("drafts", () => {
  test("are each person's own, and old ones are forgotten", () => {
    const storage = memoryStorage();
    createDrafts(storage, "ana", () => 0)
      .slot("t", "comment")
      .write({ text: "secret" });
    expect(createDrafts(storage, "ben", () => 0).ofTask("t")).toEqual(new Map());
    expect(createDrafts(storage, "ana", () => 59 * 86_400_000).ofTask("t")).toEqual(new Map([["comment", "secret"]]));
    expect(createDrafts(storage, "ana", () => 61 * 86_400_000).ofTask("t")).toEqual(new Map());
    expect(storage.length).toBe(0);
  });

  test("what is no draft is none, and a storage that throws keeps nothing", () => {
    const storage = memoryStorage();
    storage.setItem("taskwire.draft:ana:t:comment", `{"text":5,"at":"x"}`);
    expect(createDrafts(storage, "ana", () => 0).ofTask("t")).toEqual(new Map());
    const denied: DraftStorage = {
      ...storage,
      length: 0,
      setItem() {
        throw new Error("full");
      },
    };
    const slot = createDrafts(denied, "ana", () => 0).slot("t", "comment");
    slot.write({ text: "a" });
    expect(slot.read()).toBeUndefined();
  });
});

describe("two texts made of one", () => {
  const base = "one\ntwo\nthree\nfour";
  test("are joined where they changed different lines", () => {
    expect(mergeTexts(base, "ONE\ntwo\nthree\nfour", "one\ntwo\nthree\nfour\nfive")).toEqual({
      text: "ONE\ntwo\nthree\nfour\nfive",
      clean: true,
    });
  });
  test("keep both where both changed the same line", () => {
    expect(mergeTexts(base, "one\nmine\nthree\nfour", "one\ntheirs\nthree\nfour")).toEqual({
      text: "one\nmine\ntheirs\nthree\nfour",
      clean: false,
    });
  });
  test("the same change of both is one", () => {
    expect(mergeTexts(base, "one\nTWO\nthree\nfour", "one\nTWO\nthree\nfour").clean).toBe(true);
  });
  test("a deletion of one is kept", () => {
    expect(mergeTexts(base, "one\nthree\nfour", "one\ntwo\nthree\nfour!")).toEqual({
      text: "one\nthree\nfour!",
      clean: true,
    });
  });
  test("texts too long to be compared are both kept whole", () => {
    const long = Array.from({ length: 3000 }, (_, index) => `line ${index}`).join("\n");
    const { text, clean } = mergeTexts(long, `${long}\nmine`, `${long}\ntheirs`);
    expect(clean).toBe(false);
    expect(text).toContain("mine");
    expect(text).toContain("theirs");
  });
});

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
    expect(readText(wire)).toBe("@Ana Kovač and @Ana: ask @Ben, not a@Ben or @Benjamin");
    expect(withoutMentions(wire)).toBe(readText(wire));
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
