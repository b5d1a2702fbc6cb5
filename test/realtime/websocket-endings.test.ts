import { describe, expect, test } from "bun:test";
import { type Account, createVisitor, getToken, password, signUp } from "../support/accounts.ts";
import { useSocketApp } from "../support/socket-app.ts";
import type { Wire } from "../support/wire.ts";

const home = useSocketApp();
const { clock } = home;

const own = (account: Account): Record<string, string> => ({
  cookie: account.visitor.cookie(),
  origin: home.app.url,
});

async function connectWith(token: string): Promise<Wire> {
  const wire = await home.open({ token });
  await wire.take("connected");
  return wire;
}

/** Another sign-in of the same person. */
async function signInAgain(account: Account): Promise<Account> {
  const visitor = createVisitor(home.app.url);
  const { status } = await visitor.call("POST", "/api/auth/sign-in/email", { email: account.email, password });
  expect(status).toBe(200);
  return { ...account, visitor };
}

/** Lets the server's timers run for so long, with the pongs and answers of the sockets in between. */
async function pass(seconds: number, ...wires: Wire[]): Promise<void> {
  for (let left = seconds; left > 0; left -= 20) {
    clock.advance(Math.min(20, left) * 1000);
    for (const wire of wires) await wire.ask("ping");
  }
}

describe("a token that ends", () => {
  test("[S10] token_expiring comes 60 s before, and at the end the socket is closed with 4401", async () => {
    const ana = await signUp(home.app.url);
    const { token, expires_at } = await getToken(ana.visitor);
    const wire = await connectWith(token);
    await pass(839, wire);
    expect(wire.frames.some((frame) => frame.event === "token_expiring")).toBeFalse();
    await pass(2, wire);
    const warning = await wire.take("token_expiring");
    expect(warning).toMatchObject({ data: { expires_at } });
    await pass(57, wire);
    expect(wire.frames.filter((frame) => frame.event === "token_expiring")).toHaveLength(1);
    clock.advance(3_000);
    expect(await wire.closed).toMatchObject({ code: 4401 });
  });

  test("[S10] authenticate renews in place: no second connected, rooms stay, a warning for the new token", async () => {
    const ana = await signUp(home.app.url);
    const wire = await connectWith((await getToken(ana.visitor)).token);
    const { body } = await ana.visitor.call("POST", "/api/projects", { name: "Website" });
    const project_id = String(Object(body).id);
    await wire.ask("join_project", { project_id });
    await pass(850, wire);
    const next = await getToken(ana.visitor);
    expect(await wire.ask("authenticate", { token: next.token })).toMatchObject({
      ok: true,
      data: { expires_at: next.expires_at },
    });
    await pass(830, wire);
    await ana.visitor.call("POST", `/api/projects/${project_id}/tasks`, { title: "Still here" });
    await wire.take("task_created");
    const names = wire.frames.map((frame) => frame.event);
    expect(names.filter((name) => name === "connected")).toHaveLength(1);
    expect(names.filter((name) => name === "token_expiring")).toHaveLength(1);
    await pass(12, wire);
    expect(
      await wire.take((frame) => frame.data?.expires_at === next.expires_at && frame.event !== undefined),
    ).toMatchObject({ event: "token_expiring" });
    clock.advance(61_000);
    expect(await wire.closed).toMatchObject({ code: 4401 });
  });

  test("[S10] a token of another person is forbidden and changes nothing", async () => {
    const [ana, bo] = [await signUp(home.app.url), await signUp(home.app.url)];
    const wire = await connectWith((await getToken(ana.visitor)).token);
    const other = await getToken(bo.visitor);
    expect(await wire.ask("authenticate", { token: other.token })).toMatchObject({
      ok: false,
      error: { code: "forbidden" },
    });
    expect(await wire.ask("register")).toMatchObject({ data: { user: { id: ana.id } } });
  });

  test("[S10] nothing is done in the name of a token that has ended, not even in the second before the close", async () => {
    const ana = await signUp(home.app.url);
    const wire = await connectWith((await getToken(ana.visitor)).token);
    await pass(890, wire);
    clock.jump(10_000);
    expect(await wire.ask("ping")).toMatchObject({ ok: false, error: { code: "unauthenticated" } });
    expect(await wire.closed).toMatchObject({ code: 4401 });
  });

  test("a socket of a cookie lives as long as its sign-in, and may go on with a token", async () => {
    const ana = await signUp(home.app.url);
    const wire = await home.open({ headers: own(ana) });
    await wire.take("connected");
    await pass(2_000, wire);
    expect(wire.frames.some((frame) => frame.event === "token_expiring")).toBeFalse();
    await wire.ask("authenticate", { token: (await getToken(ana.visitor)).token });
    await pass(845, wire);
    await wire.take("token_expiring");
  });
});

describe("a sign-in that ends", () => {
  test("[S10] signing out tells and closes every connection of that sign-in with 4403, and no other", async () => {
    const ana = await signUp(home.app.url);
    const again = await signInAgain(ana);
    const byCookie = await home.open({ headers: own(ana) });
    const byToken = await connectWith((await getToken(ana.visitor)).token);
    const other = await home.open({ headers: own(again) });
    await Promise.all([byCookie.take("connected"), other.take("connected")]);
    expect((await ana.visitor.call("POST", "/api/auth/sign-out", {}, { origin: home.app.url })).status).toBe(200);
    for (const wire of [byCookie, byToken]) {
      expect(await wire.take("session_ended")).toMatchObject({
        data: { reason: "signed_out" },
        seq: expect.any(Number),
      });
      expect(await wire.closed).toMatchObject({ code: 4403 });
    }
    await other.take("session_ended");
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });

  test("[S10] a sign-in revoked from elsewhere is told and closed", async () => {
    const ana = await signUp(home.app.url);
    const again = await signInAgain(ana);
    const wire = await home.open({ headers: own(ana) });
    await wire.take("connected");
    const { status } = await again.visitor.call(
      "POST",
      "/api/auth/revoke-other-sessions",
      {},
      { origin: home.app.url },
    );
    expect(status).toBe(200);
    expect(await wire.take("session_ended")).toMatchObject({ data: { reason: "revoked" } });
    expect(await wire.closed).toMatchObject({ code: 4403 });
    expect((await home.open({ headers: own(ana) })).status).toBe(101);
    expect(await (await home.open({ headers: own(ana) })).ask("ping")).toMatchObject({
      error: { code: "unauthenticated" },
    });
  });
});
