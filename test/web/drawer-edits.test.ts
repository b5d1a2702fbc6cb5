/** The edits of a task's texts without a page: races, drafts, merges. */
import { describe, expect, test } from "bun:test";
import { TaskwireError } from "../../src/client/index.ts";
import { type Base, createDrafts, type DraftStorage } from "../../src/web/drawer/drafts.ts";
import { mergeTexts } from "../../src/web/drawer/merge.ts";
import { createTextEdit, type Shown } from "../../src/web/drawer/text-edit.ts";

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
