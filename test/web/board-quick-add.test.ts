/** What is understood of a line that makes a task. Without a browser, with the real date parser. */
import { describe, expect, test } from "bun:test";
import { loadDateFinder } from "../../src/web/board/dates.ts";
import {
  complete,
  completionsOf,
  openTokenAt,
  understand,
  type Vocabulary,
} from "../../src/web/board/quick-add-parse.ts";

const people = [
  { id: "ana", name: "Ana Lee" },
  { id: "ben", name: "Ben Miller" },
  { id: "bea", name: "Bea" },
  { id: "ben2", name: "Ben Aguilar" },
];
const labels = [
  { id: "web", name: "web" },
  { id: "design", name: "Needs design" },
];
/** A Saturday, local time. */
const now = new Date(2026, 10, 21, 10);
const findDates = await loadDateFinder("en-GB");

const read = (text: string, more: Partial<Vocabulary> = {}) => {
  const { title, parts } = understand(text, { people, labels, findDates, now, ignored: new Set(), ...more });
  const meant = parts.map((part) => {
    if (part.kind === "due") return part.due.allDay ? part.due.at.slice(0, 10) : localTime(part.due.at);
    return part.kind === "priority" ? part.priority : part.id;
  });
  return [title, ...meant];
};
const localTime = (iso: string): string => {
  const at = new Date(iso);
  return `${at.getDate()}.${at.getMonth() + 1}. ${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
};

describe("quick add", () => {
  test("date, priority, person and label are taken out of the title, wherever they stand", () => {
    const meant = ["Fix login", "22.11. 17:00", "high", "ana", "web"];
    expect(read("Fix login tomorrow 5pm !high @ana #web")).toEqual(meant);
    expect(read("#web @ana Fix !high login tomorrow 5pm").sort()).toEqual([...meant].sort());
  });

  test("people are meant by whole name, by name in one word, by first name if one person has it", () => {
    expect(read("Ask @Ben Miller")).toEqual(["Ask", "ben"]);
    expect(read("Ask @benaguilar")).toEqual(["Ask", "ben2"]);
    expect(read("Ask @bea now")).toEqual(["Ask now", "bea"]);
    expect(read("Ask @ben")).toEqual(["Ask @ben"]);
    expect(read("Ask @beatrix")).toEqual(["Ask @beatrix"]);
  });

  test("labels of several words are met with spaces, hyphens or without", () => {
    for (const written of ["#Needs design", "#needs-design", "#needsdesign"]) {
      expect(read(`Draw ${written}`)).toEqual(["Draw", "design"]);
    }
  });

  test("a sign inside of a word is no sign, and what nobody is called stays text", () => {
    expect(read("Mail ana@ana.example about C# and wow!high")).toEqual(["Mail ana@ana.example about C# and wow!high"]);
    expect(read("Fix #404 !important @nobody")).toEqual(["Fix #404 !important @nobody"]);
  });

  test("of two priorities the last counts, the other stays to be seen", () => {
    expect(read("Fix !low or !high")).toEqual(["Fix !low or", "high"]);
  });

  test("dates without a time are all day, midnight UTC of their date", () => {
    expect(read("Pay on 24 Dec")).toEqual(["Pay", "2026-12-24"]);
    expect(read("Pay by Friday")).toEqual(["Pay", "2026-11-27"]);
    expect(read("Pay in 2 weeks")).toEqual(["Pay", "2026-12-05"]);
  });

  test("a month, a count, a version or a length of time alone is no date", () => {
    for (const title of [
      "Review May report",
      "Buy 3 apples",
      "Release 2.10",
      "Set up 5 min timer",
      "Update 2026 roadmap",
      "Second try",
    ]) {
      expect(read(title)).toEqual([title]);
    }
  });

  test("day before month, but not for Americans", async () => {
    expect(read("Ship 1/2/2027")).toEqual(["Ship", "2027-02-01"]);
    expect(read("Ship 1/2/2027", { findDates: await loadDateFinder("en-US") })).toEqual(["Ship", "2027-01-02"]);
  });

  test("what alone would be left without a title is the title", () => {
    expect(read("tomorrow")).toEqual(["tomorrow"]);
    expect(read("#web !high")).toEqual(["#web !high"]);
  });

  test("what the person wants as text stays text", () => {
    expect(read("Plan tomorrow #web", { ignored: new Set(["tomorrow", "#web"]) })).toEqual(["Plan tomorrow #web"]);
  });

  test("the word at the caret is completed in its place", () => {
    const text = "Fix #ne please";
    const token = openTokenAt(text, 7);
    expect(token).toEqual({ sign: "#", from: 4, query: "ne" });
    if (!token) throw new Error("no word is open");
    expect(completionsOf(token.query, labels).map(({ id }) => id)).toEqual(["design"]);
    expect(complete(text, token, "Needs design")).toEqual({ text: "Fix #Needs design please", caret: 18 });
    expect(openTokenAt("mail a@b", 8)).toBeUndefined();
    expect(openTokenAt("Fix #ne please", 14)).toBeUndefined();
    expect(openTokenAt("Fix @", 5)).toEqual({ sign: "@", from: 4, query: "" });
  });

  test("names that begin with the query come first, then names with a word that does", () => {
    const named = [{ name: "Web design" }, { name: "Design" }, { name: "Desktop" }];
    expect(completionsOf("des", named).map(({ name }) => name)).toEqual(["Design", "Desktop", "Web design"]);
  });
});
