/** What people choose to hear of, how and when. */
import { describe, expect, test } from "bun:test";
import { afterQuietHours, nextDigest, type Settings } from "../../src/features/notifications/settings.ts";
import type { ChosenPreferences, NotificationPreferences } from "../../src/protocol/notifications.ts";
import { describeApp } from "../support/app.ts";
import { holder, makeKey } from "../support/keys.ts";
import { makePerson, makeProject, ok, type Person } from "../support/people.ts";

const at = "/api/notifications/preferences";

describeApp("notification preferences", (app) => {
  const read = async (person: Person, query = ""): Promise<ChosenPreferences> =>
    ok(await person.call<ChosenPreferences>("GET", `${at}${query}`), 200);
  const choose = (person: Person, body: object, query = "") =>
    person.call<ChosenPreferences>("PUT", `${at}${query}`, body);

  test("begin with defaults, and keep what is not named", async () => {
    const ana = await makePerson(app, "prefs-ana");
    expect(await read(ana)).toEqual({
      channels: {},
      quiet_hours: null,
      digest: "off",
      reminders: { offsets_minutes: [0, 60, 1440], overdue: true },
      resulting: {
        assigned: { in_app: true, mail: true, push: true },
        mentioned: { in_app: true, mail: true, push: true },
        comments: { in_app: true, mail: false, push: true },
        status: { in_app: true, mail: false, push: false },
        projects: { in_app: true, mail: true, push: false },
        reminders: { in_app: true, mail: true, push: true },
        messages: { in_app: true, mail: false, push: true },
      },
      available: { mail: false, push: false },
    });
    const quiet_hours = { from: "22:00", to: "06:30" };
    ok(await choose(ana, { quiet_hours }), 200);
    const channels = { status: { mail: true }, comments: { in_app: false } };
    const chosen = ok(await choose(ana, { channels, digest: "daily" }), 200);
    expect(chosen).toMatchObject({ quiet_hours, digest: "daily", channels });
    expect([chosen.resulting.status, chosen.resulting.comments]).toEqual([
      { in_app: true, mail: true, push: false },
      { in_app: false, mail: false, push: true },
    ]);
    expect(await read(ana)).toEqual(chosen);
    // Channels are chosen as a whole: what is absent is at its default again.
    expect(ok(await choose(ana, { channels: {}, quiet_hours: null }), 200)).toMatchObject({
      channels: {},
      quiet_hours: null,
      digest: "daily",
      resulting: { status: { mail: false } },
    });
    const reminders = { offsets_minutes: [60, 5, 60], overdue: false };
    expect(ok(await choose(ana, { reminders }), 200).reminders).toEqual({ offsets_minutes: [5, 60], overdue: false });
  });

  test("differ in a project in their channels alone, for its members alone", async () => {
    const [ana, eve] = [await makePerson(app, "prefs-owner"), await makePerson(app, "prefs-eve")];
    const project = await makeProject(ana);
    const query = `?project_id=${project.id}`;
    ok(await choose(ana, { channels: { status: { mail: true, push: true } } }), 200);
    const there = ok(await choose(ana, { channels: { status: { mail: false } } }, query), 200);
    expect([there.channels, there.resulting.status]).toEqual([
      { status: { mail: false } },
      { in_app: true, mail: false, push: true },
    ]);
    expect((await read(ana)).resulting.status).toEqual({ in_app: true, mail: true, push: true });
    expect(await read(ana, query)).toEqual(there);
    expect((await choose(ana, { digest: "daily" }, query)).problem.errors?.[0]?.path).toBe("digest");
    ok(await choose(ana, { channels: {} }, query), 200);
    expect((await read(ana, query)).resulting.status.mail).toBe(true);
    for (const reply of [await eve.call("GET", `${at}${query}`), await choose(eve, { channels: {} }, query)])
      expect(reply.problem.code).toBe("not_found");
  });

  test("[H4] a retry changes nothing, and two windows at once lose nothing", async () => {
    const ana = await makePerson(app, "prefs-retry");
    const body = { digest: "weekly", mutation_id: "weekly" };
    const first = ok(await choose(ana, body), 200);
    ok(await choose(ana, { digest: "off" }), 200);
    expect(ok(await choose(ana, body), 200)).toEqual(first);
    expect((await read(ana)).digest).toBe("off");
    expect((await choose(ana, { ...body, digest: "daily" })).problem.code).toBe("idempotency_mismatch");
    const quiet_hours = { from: "20:00", to: "08:00" };
    const parts = [{ quiet_hours }, { digest: "daily" }, { reminders: { offsets_minutes: [], overdue: false } }];
    await Promise.all(parts.map((part) => choose(ana, part)));
    expect(await read(ana)).toMatchObject({
      quiet_hours,
      digest: "daily",
      reminders: { offsets_minutes: [], overdue: false },
    });
  });

  test("[H2] what does not fit is refused, and a key cannot choose", async () => {
    const ana = await makePerson(app, "prefs-bad");
    for (const body of [
      { channels: { none: { mail: true } } },
      { channels: { status: { sms: true } } },
      { channels: { status: { mail: "yes" } } },
      { quiet_hours: { from: "24:00", to: "06:00" } },
      { quiet_hours: { from: "22:00" } },
      { digest: "hourly" },
      { reminders: { offsets_minutes: [-1], overdue: true } },
      { reminders: { offsets_minutes: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], overdue: true } },
      { resulting: {} },
    ])
      expect([body, (await choose(ana, body)).problem.code]).toEqual([body, "invalid"]);
    const robot = holder(app, ana, (await makeKey(ana)).key);
    expect((await choose(robot, { digest: "daily" })).problem.code).toBe("forbidden");
  });
});

describe("a person's clock", () => {
  const settings = (timeZone: string, chosen: Partial<NotificationPreferences>): Settings => ({
    preferences: {
      channels: {},
      quiet_hours: null,
      digest: "off",
      reminders: { offsets_minutes: [], overdue: true },
      ...chosen,
    },
    timeZone,
    possible: { in_app: true, mail: true, push: true },
    projectChannels: {},
    wanted: () => ({ in_app: true, mail: true, push: true }),
    channels: () => ({ in_app: true, mail: true, push: true }),
  });
  const iso = (ms: number): string => new Date(ms).toISOString();

  test.each([
    // Over midnight, before, in and behind it.
    ["Europe/Berlin", "22:00", "06:30", "2026-11-21T20:59:59.000Z", "2026-11-21T20:59:59.000Z"],
    ["Europe/Berlin", "22:00", "06:30", "2026-11-21T21:00:00.000Z", "2026-11-22T05:30:00.000Z"],
    ["Europe/Berlin", "22:00", "06:30", "2026-11-22T02:00:00.000Z", "2026-11-22T05:30:00.000Z"],
    ["Europe/Berlin", "22:00", "06:30", "2026-11-22T05:30:00.000Z", "2026-11-22T05:30:00.000Z"],
    // Within a day.
    ["Asia/Kolkata", "12:00", "14:00", "2026-11-21T07:00:00.000Z", "2026-11-21T08:30:00.000Z"],
    ["Asia/Kolkata", "12:00", "14:00", "2026-11-21T09:00:00.000Z", "2026-11-21T09:00:00.000Z"],
    // Summer time begins in this night, at an hour that does not exist; and it ends.
    ["Europe/Berlin", "22:00", "02:30", "2026-03-28T23:00:00.000Z", "2026-03-29T01:30:00.000Z"],
    ["Europe/Berlin", "22:00", "06:00", "2026-10-24T21:00:00.000Z", "2026-10-25T05:00:00.000Z"],
    // No quiet at all, and a zone that is none.
    ["Europe/Berlin", "08:00", "08:00", "2026-11-21T07:00:00.000Z", "2026-11-21T07:00:00.000Z"],
    ["Nowhere/Land", "22:00", "06:00", "2026-11-21T23:00:00.000Z", "2026-11-22T06:00:00.000Z"],
  ])("in %s quiet from %s to %s: what is ready at %s leaves at %s", (zone, from, to, ready, leaves) => {
    const at = Date.parse(ready);
    expect(iso(afterQuietHours(settings(zone, { quiet_hours: { from, to } }), at))).toBe(leaves);
  });

  test.each([
    ["Europe/Berlin", "daily", "2026-11-21T06:59:59.000Z", "2026-11-21T07:00:00.000Z"],
    ["Europe/Berlin", "daily", "2026-11-21T07:00:00.000Z", "2026-11-22T07:00:00.000Z"],
    // Saturday to Monday; Monday before and after eight.
    ["Europe/Berlin", "weekly", "2026-11-21T12:00:00.000Z", "2026-11-23T07:00:00.000Z"],
    ["Europe/Berlin", "weekly", "2026-11-23T06:00:00.000Z", "2026-11-23T07:00:00.000Z"],
    ["Europe/Berlin", "weekly", "2026-11-23T07:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    // The day has an hour less, and one more.
    ["Europe/Berlin", "daily", "2026-03-28T12:00:00.000Z", "2026-03-29T06:00:00.000Z"],
    ["Europe/Berlin", "daily", "2026-10-24T12:00:00.000Z", "2026-10-25T07:00:00.000Z"],
    ["Pacific/Auckland", "daily", "2026-11-21T20:00:00.000Z", "2026-11-22T19:00:00.000Z"],
  ] as const)("in %s the %s digest after %s is due at %s", (zone, digest, now, due) => {
    expect(iso(nextDigest(settings(zone, { digest }), Date.parse(now)))).toBe(due);
  });
});
