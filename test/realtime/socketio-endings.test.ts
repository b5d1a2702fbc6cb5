/** How connections of Socket.IO end: what the client is told, and whether it comes back by itself (S9, S10). */
import { describe, expect, test } from "bun:test";
import { systemCtx } from "../../src/realtime/log.ts";
import { type Account, getToken, signUp, startAccounts } from "../support/accounts.ts";
import { makeKey } from "../support/keys.ts";
import { useSocketApp } from "../support/socket-app.ts";
import { useSocketIo } from "../support/socketio-app.ts";
import { clientKinds, type SocketIoClient } from "../support/socketio-client.ts";

const home = useSocketApp();
const io = useSocketIo(home);
const { clock } = home;
const [bySocket, byPolling, , , , oldest] = clientKinds;
const kinds = [bySocket, byPolling, oldest];

const own = (account: Account): Record<string, string> => ({ cookie: account.visitor.cookie(), origin: home.app.url });
const signOut = ({ visitor }: Account) =>
  visitor
    .call("POST", "/api/auth/sign-out", {}, { origin: home.app.url })
    .then(({ status }) => expect(status).toBe(200));
/** What a client is told with a disconnect packet: it stays away. */
const dismissed = "io server disconnect";

/** Lets the server's timers run for so long, with answers of the clients in between. */
async function pass(seconds: number, clients: readonly SocketIoClient[]): Promise<void> {
  for (let left = seconds; left > 0; left -= 20) {
    clock.advance(Math.min(20, left) * 1_000);
    for (const client of clients) await client.ask("ping");
  }
}

/** One that lost its transport comes back with what `token` answers by then. */
async function comesBack(client: SocketIoClient): Promise<void> {
  await client.take("connected");
  expect(await client.ask("ping")).toMatchObject({ ok: true });
}

describe("a sign-in that ends", () => {
  test("[I3][S10] signing out tells and dismisses every client of that sign-in, and nobody else", async () => {
    const [ana, bo] = [await signUp(home.app.url), await home.person("Bo")];
    const { token } = await getToken(ana.visitor);
    const proofs = [{ auth: { token } }, { headers: own(ana) }];
    const clients = await Promise.all(
      kinds.flatMap((kind) =>
        proofs.map(async (proof) => {
          const client = io.open({ kind, reconnection: true, ...proof });
          await client.take("connected");
          return client;
        }),
      ),
    );
    const other = await io.connect(bo);
    await signOut(ana);
    for (const client of clients) {
      const { data } = await client.take("session_ended");
      expect(data).toMatchObject({ reason: "signed_out", _meta: { room: `user:${ana.id}`, seq: expect.any(Number) } });
      expect(await client.disconnected).toBe(dismissed);
      client.enter();
      expect(await client.entered()).toMatchObject({ message: "unauthenticated" });
    }
    expect(await other.ask("ping")).toMatchObject({ ok: true });
  });

  test("[I3][S10] a revoked key dismisses its clients", async () => {
    const ana = await home.person("Ana");
    const { id, key } = await makeKey(ana);
    const clients = kinds.map((kind) => io.open({ kind, reconnection: true, auth: { token: key } }));
    for (const client of clients) await client.take("connected");
    expect((await ana.call("DELETE", `/api/api-keys/${id}`)).status).toBe(204);
    for (const client of clients) expect(await client.disconnected).toBe(dismissed);
  });

  test("[I3][S10] a person disabled by another process is dismissed, and refused from then on", async () => {
    await signUp(home.app.url);
    const bo = await home.person("Bo");
    const clients = await Promise.all(kinds.map((kind) => io.connect(bo, { kind, reconnection: true })));
    const other = await startAccounts(home.app.database);
    try {
      const { database } = home.app;
      await other.auth.disableUser(systemCtx({ store: { database, committed: () => {} } }, "test"), bo.id);
    } finally {
      await other.stop();
    }
    const all = Promise.all(clients.map(({ disconnected }) => disconnected));
    let over = false;
    void all.then(() => (over = true));
    while (!over) {
      clock.advance(1_000);
      await home.app.database.sql`select 1`;
    }
    expect(await all).toEqual(kinds.map(() => dismissed));
    const again = io.open({ auth: { token: bo.token } });
    expect(await again.entered()).toMatchObject({ message: expect.stringMatching(/^(?:forbidden|unauthenticated)$/) });
  });
});

describe("a token that ends", () => {
  test("[I3][S10] token_expiring comes before; then `error` tells why the transport ends, and a new token comes back", async () => {
    const ana = await signUp(home.app.url);
    let { token, expires_at } = await getToken(ana.visitor);
    const auth = (give: (auth: object) => void) => give({ token });
    const clients = kinds.map((kind) => io.open({ kind, reconnection: true, auth }));
    for (const client of clients) await client.take("connected");
    await pass(841, clients);
    for (const client of clients) expect((await client.take("token_expiring")).data).toMatchObject({ expires_at });
    await pass(57, clients);
    ({ token, expires_at } = await getToken(ana.visitor));
    clock.advance(3_000);
    for (const client of clients) {
      expect((await client.take("error")).data).toMatchObject({ code: "unauthenticated" });
      expect(await client.disconnected).not.toBe(dismissed);
      await comesBack(client);
    }
  });

  test("[I3][S10] a token renewed in place carries the connection past the first one's end, rooms and all", async () => {
    const ana = await signUp(home.app.url);
    const { token } = await getToken(ana.visitor);
    const clients = await Promise.all(
      kinds.map(async (kind) => {
        const client = io.open({ kind, auth: { token } });
        await client.take("connected");
        return client;
      }),
    );
    const { body } = await ana.visitor.call("POST", "/api/projects", { name: "Website" });
    const project_id = String(Object(body).id);
    for (const client of clients) await client.ask("join_project", { project_id });
    await pass(850, clients);
    const next = await getToken(ana.visitor);
    for (const client of clients)
      expect(await client.ask("authenticate", { token: next.token })).toEqual({
        ok: true,
        data: { expires_at: next.expires_at },
      });
    await pass(100, clients);
    await ana.visitor.call("POST", `/api/projects/${project_id}/tasks`, { title: "Still here" });
    for (const client of clients) {
      await client.take("task_created");
      expect(client.heard.filter(({ event }) => event === "connected")).toHaveLength(1);
    }
  });
});
