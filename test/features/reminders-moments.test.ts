import { expect, test } from "bun:test";
import { type Due, overdueReminder, reminderBefore, remindersBefore } from "../../src/features/reminders/moments.ts";

const at = (iso: string): Due => ({ atMs: Date.parse(iso), allDay: false });
/** A date, as an all-day task holds it: midnight UTC (H5). */
const on = (date: string): Due => ({ atMs: Date.parse(`${date}T00:00:00.000Z`), allDay: true });
const iso = (remindAtMs: number): string => new Date(remindAtMs).toISOString();
const before = (due: Due, zone: string, offset: number): string => iso(reminderBefore(due, zone, offset).remindAtMs);
const overdue = (due: Due, zone: string): string => iso(overdueReminder(due, zone).remindAtMs);
const by = (due: Due, zone: string, offsets: readonly number[]) =>
  remindersBefore(due, zone, offsets).map((one) => `${one.kind} ${one.offsetMinutes} ${iso(one.remindAtMs)}`);

const day = 1_440;

test("reminders of a time come minutes before it, which pass alike everywhere and on days the clocks change", () => {
  const due = at("2026-10-25T14:00:00.000Z");
  for (const zone of ["Europe/Vienna", "America/New_York", "Asia/Kolkata", "UTC"]) {
    expect(by(due, zone, [0, 60, day])).toEqual([
      "due 0 2026-10-25T14:00:00.000Z",
      "upcoming 60 2026-10-25T13:00:00.000Z",
      "upcoming 1440 2026-10-24T14:00:00.000Z",
    ]);
  }
});

test("what is overdue is told at 09:00 of the next morning, where the person is", () => {
  const due = at("2026-11-21T18:00:00.000Z");
  expect(overdue(due, "Europe/Vienna")).toBe("2026-11-22T08:00:00.000Z");
  expect(overdue(due, "America/New_York")).toBe("2026-11-22T14:00:00.000Z");
  // It was the 21st, 23:30, in Kolkata, and the 22nd already in Tokyo.
  expect(overdue(due, "Asia/Kolkata")).toBe("2026-11-22T03:30:00.000Z");
  expect(overdue(due, "Asia/Tokyo")).toBe("2026-11-23T00:00:00.000Z");
});

test("the next morning is at 09:00 too when the clocks change in between", () => {
  // Vienna: back at 03:00 on 25 October 2026, ahead at 02:00 on 28 March 2027.
  expect(overdue(at("2026-10-23T15:00:00.000Z"), "Europe/Vienna")).toBe("2026-10-24T07:00:00.000Z");
  expect(overdue(at("2026-10-24T15:00:00.000Z"), "Europe/Vienna")).toBe("2026-10-25T08:00:00.000Z");
  expect(overdue(at("2027-03-26T15:00:00.000Z"), "Europe/Vienna")).toBe("2027-03-27T08:00:00.000Z");
  expect(overdue(at("2027-03-27T15:00:00.000Z"), "Europe/Vienna")).toBe("2027-03-28T07:00:00.000Z");
  // New York: back on 1 November 2026, ahead on 14 March 2027.
  expect(overdue(at("2026-10-31T15:00:00.000Z"), "America/New_York")).toBe("2026-11-01T14:00:00.000Z");
  expect(overdue(at("2027-03-13T15:00:00.000Z"), "America/New_York")).toBe("2027-03-14T13:00:00.000Z");
  // Kolkata never changes its clocks.
  for (const date of ["2026-10-24", "2027-03-27"])
    expect(overdue(at(`${date}T15:00:00.000Z`), "Asia/Kolkata")).toBe(
      date === "2026-10-24" ? "2026-10-25T03:30:00.000Z" : "2027-03-28T03:30:00.000Z",
    );
});

test("[H5] a date is that date in each person's zone, however far east or west", () => {
  const due = on("2026-11-21");
  const mornings = {
    "Pacific/Kiritimati": "2026-11-20T19:00:00.000Z", // UTC+14
    "Asia/Kolkata": "2026-11-21T03:30:00.000Z",
    "Europe/Vienna": "2026-11-21T08:00:00.000Z",
    "America/New_York": "2026-11-21T14:00:00.000Z",
    "Pacific/Pago_Pago": "2026-11-21T20:00:00.000Z", // UTC−11
  };
  for (const [zone, morning] of Object.entries(mornings)) {
    expect(before(due, zone, 0)).toBe(morning);
    expect(before(due, zone, day)).toBe(iso(Date.parse(morning) - day * 60_000));
    expect(overdue(due, zone)).toBe(iso(Date.parse(morning) + day * 60_000));
  }
});

test("mornings of dates are at 09:00 on both sides of a change of the clocks", () => {
  expect(before(on("2026-10-25"), "Europe/Vienna", day)).toBe("2026-10-24T07:00:00.000Z");
  expect(before(on("2026-10-25"), "Europe/Vienna", 0)).toBe("2026-10-25T08:00:00.000Z");
  expect(before(on("2027-03-28"), "Europe/Vienna", day)).toBe("2027-03-27T08:00:00.000Z");
  expect(before(on("2027-03-28"), "Europe/Vienna", 0)).toBe("2027-03-28T07:00:00.000Z");
  expect(overdue(on("2027-03-27"), "Europe/Vienna")).toBe("2027-03-28T07:00:00.000Z");
  // Asked for at 02:30 of the night without such a time: an hour later, as everywhere.
  expect(before(on("2027-03-28"), "Europe/Vienna", 390)).toBe("2027-03-28T01:30:00.000Z");
});

test("of a date, preferences for less than a day before mean its morning, once", () => {
  expect(by(on("2026-11-21"), "UTC", [0, 60, day])).toEqual([
    "due 0 2026-11-21T09:00:00.000Z",
    "upcoming 1440 2026-11-20T09:00:00.000Z",
  ]);
  expect(by(on("2026-11-21"), "UTC", [60])).toEqual(["due 0 2026-11-21T09:00:00.000Z"]);
  expect(by(on("2026-11-21"), "UTC", [2 * day + 5])).toEqual(["upcoming 2880 2026-11-19T09:00:00.000Z"]);
});

test("of a date, a reminder somebody asks for comes so long before its morning", () => {
  expect(before(on("2026-11-21"), "Europe/Vienna", 900)).toBe("2026-11-20T17:00:00.000Z");
});

test("a zone that the world does not know any more is read as UTC", () => {
  expect(overdue(at("2026-11-21T18:00:00.000Z"), "Atlantis/Harbour")).toBe("2026-11-22T09:00:00.000Z");
});

test("the ends of the calendar have reminders too", () => {
  expect(Number.isFinite(overdueReminder(at("9999-12-31T23:59:59.999Z"), "Pacific/Pago_Pago").remindAtMs)).toBe(true);
  expect(Number.isFinite(reminderBefore(on("0001-01-01"), "Pacific/Kiritimati", 40_320).remindAtMs)).toBe(true);
});
