/** What the operator of the server does with accounts, in the server or beside it. */
import { randomBytes, randomInt } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import type { Clock } from "../../core/clock.ts";
import { type Ctx, type Store, type Tx, transact } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { isoText } from "../../db/row-json.ts";
import { accounts, sessions as sessionRows, users } from "../../db/schema.ts";
import { SignUp } from "../../protocol/accounts.ts";
import { AppError, parse } from "../../protocol/errors.ts";
import { Id } from "../../protocol/ids.ts";
import type { Token } from "../../protocol/users.ts";
import { emit, systemCtx } from "../../realtime/log.ts";
import type { Passwords } from "./passwords.ts";
import { publicEmail } from "./people.ts";
import { requireOtherAdministrator, type Sessions } from "./sessions.ts";
import { createUser, isFirst } from "./sign-up.ts";
import type { Tokens } from "./tokens.ts";

export interface Account {
  readonly id: string;
  readonly name: string;
  /** Null for people of a host application. */
  readonly email: string | null;
  readonly role: "admin" | "user";
  /** RFC 3339, as `createdAt`. */
  readonly disabledAt: string | null;
  readonly createdAt: string;
}

export interface NewAccount {
  readonly email: string;
  readonly name: string;
  /** Undefined: one is made. */
  readonly password: string | undefined;
  readonly admin: boolean;
}

/** Every verb that names a person throws `not_found` where there is none. */
export interface Administration {
  /** By e-mail address or id. */
  get(emailOrId: string): Promise<Account>;
  /** Everybody, or those with a part of their name or address; by address. */
  list(search: string | undefined): Promise<readonly Account[]>;
  /** The first account of a server is its administrator. Throws `invalid`, `conflict` where the address is taken. */
  add(account: NewAccount): Promise<{ readonly account: Account; readonly password: string }>;
  /** Ends all sessions and connections, and lets none begin. Throws `conflict` for the last administrator. */
  disable(id: string): Promise<void>;
  enable(id: string): Promise<void>;
  /** Throws `conflict` where no administrator would be left. */
  setRole(id: string, role: Account["role"]): Promise<void>;
  /**
   * Ends all sessions. Answers the new password and how many ended. Throws `invalid`, `conflict` for people of a host
   * application.
   */
  resetPassword(id: string, password: string | undefined): Promise<{ password: string; endedSessions: number }>;
  /** A token on a session of its own, which ends with it. Throws `forbidden` for the disabled. */
  issueToken(id: string): Promise<Token>;
  /** To be called when a person's row or keys were changed by other means. */
  forget(id: string): void;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** Asked when the first token is made: their key may have to be made as well. */
  readonly tokens: () => Promise<Tokens>;
  /** Told when a person's row was changed. */
  readonly forget: (userId: string) => void;
}

export function createAdministration(parts: Parts): Administration {
  const { store, sessions, passwords, forget } = parts;
  const ctx = (): Ctx => systemCtx({ store }, Bun.randomUUIDv7());
  const get = (emailOrId: string) => getAccount(ctx(), emailOrId);
  return {
    get,
    list: (search) => listAccounts(ctx(), search),
    async add({ email, name, password = makePassword(), admin }) {
      const role = admin || (await isFirstAccount(store)) ? "admin" : "user";
      const id = await createUser(store.database, passwords, { email, name, password, role });
      return { account: await get(id), password };
    },
    async disable(id) {
      await sessions.disableUser(ctx(), id);
      forget(id);
    },
    async enable(id) {
      await sessions.enableUser(ctx(), id);
      forget(id);
    },
    async setRole(id, role) {
      await setRole(ctx(), id, role);
      forget(id);
    },
    async resetPassword(id, given) {
      const { password } = parse(SignUp.pick({ password: true }), { password: given ?? makePassword() });
      const endedSessions = await setPassword(ctx(), id, await passwords.hash(password));
      forget(id);
      return { password, endedSessions };
    },
    issueToken: (id) => issueToken(ctx(), parts, id),
    forget,
  };
}

/** Without letters that look like others: it is read out and typed. 20 of 31 are 99 bits. */
const letters = "abcdefghjkmnpqrstuvwxyz23456789";

const makePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("")).join(
    "-",
  );

const accountColumns = `u.id, u.name, u.email, u.role, ${isoText("u.disabled_at")} as disabled_at,
  ${isoText("u.created_at")} as created_at`;

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Account["role"];
  readonly disabled_at: string | null;
  readonly created_at: string;
}

const toAccount = ({ id, name, email, role, disabled_at, created_at }: AccountRow): Account => ({
  id,
  name,
  email: publicEmail(email),
  role,
  disabledAt: disabled_at,
  createdAt: created_at,
});

async function getAccount(ctx: Ctx, emailOrId: string): Promise<Account> {
  const isId = Id.safeParse(emailOrId).success;
  const where = isId ? "u.id = $1::uuid" : "u.email = $1::text";
  const key = isId ? emailOrId : emailOrId.trim().toLowerCase();
  const [row] = await query<AccountRow>(ctx, `select ${accountColumns} from users u where ${where}`, [key]);
  if (!row) throw new AppError("not_found", `there is nobody with the ${isId ? "id" : "e-mail address"} ${emailOrId}`);
  return toAccount(row);
}

const pageSize = 1_000;
const listSql = `select ${accountColumns} from users u
  where u.email > $1::text and ($2::text is null or u.name ilike $2::text or u.email ilike $2::text)
  order by u.email limit ${pageSize}`;

/** In pages, so that a server with very many people goes on answering others between them. */
async function listAccounts(ctx: Ctx, search: string | undefined): Promise<readonly Account[]> {
  const pattern = search === undefined ? undefined : `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  const found: Account[] = [];
  let after = "";
  for (;;) {
    const rows = await query<AccountRow>(ctx, listSql, [after, pattern]);
    found.push(...rows.map(toAccount));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return found;
    after = last.email;
  }
}

async function isFirstAccount({ database }: Store): Promise<boolean> {
  const rows = await database.guard(() => database.orm.execute<{ first: boolean }>(sql`select ${isFirst} as first`));
  return rows[0]?.first === true;
}

/** No event: every request reads the role anew, other nodes after a second at most. */
const setRole = (ctx: Ctx, userId: string, role: Account["role"]) =>
  transact<void>(ctx, {
    rooms: [userId],
    replay: () => undefined,
    async work(tx) {
      if (role === "user") await requireOtherAdministrator(tx, userId);
      await tx.orm.update(users).set({ role, updatedAt: new Date() }).where(eq(users.id, userId));
    },
  });

/** Answers how many sessions ended. */
async function setPassword(ctx: Ctx, userId: string, hash: string): Promise<number> {
  const { answer } = await transact<number>(ctx, {
    rooms: [userId],
    replay: () => 0,
    async work(tx) {
      await writePassword(tx, userId, hash);
      const mine = eq(sessionRows.userId, userId);
      const ended = await tx.orm.delete(sessionRows).where(mine).returning({ id: sessionRows.id });
      for (const { id } of ended) emit(tx, "session_ended", userId, { session_id: id, reason: "revoked" });
      return ended.length;
    },
  });
  return answer;
}

async function writePassword(tx: Tx, userId: string, hash: string): Promise<void> {
  const own = and(eq(accounts.userId, userId), eq(accounts.providerId, "credential"));
  const set = { password: hash, updatedAt: new Date() };
  const written = await tx.orm.update(accounts).set(set).where(own).returning({ id: accounts.id });
  if (written.length > 0) return;
  throw new AppError("conflict", "this person signs in through another application and has no password here");
}

async function issueToken(ctx: Ctx, { clock, tokens }: Parts, userId: string): Promise<Token> {
  const { database } = ctx.store;
  const { disabledAt } = await getAccount(ctx, userId);
  if (disabledAt !== null) throw new AppError("forbidden", "this account is disabled; enable it first");
  const sessionId = Bun.randomUUIDv7();
  const issued = await (await tokens()).issue(userId, { sessionId });
  await database.guard(() =>
    database.orm.insert(sessionRows).values({
      id: sessionId,
      userId,
      token: randomBytes(32).toString("base64url"), // nobody learns it: the session has no cookie
      expiresAt: new Date(issued.expires_at),
      userAgent: "taskwire token",
      createdAt: new Date(clock.now()),
      updatedAt: new Date(clock.now()),
    }),
  );
  return issued;
}
