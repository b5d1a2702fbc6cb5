/** Who may make an account, who becomes the server's administrator, and the setup link of the first. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import type { Config } from "../../core/config.ts";
import type { Transaction } from "../../db/context.ts";
import { type Database, sqlState } from "../../db/open.ts";
import { accounts, users } from "../../db/schema.ts";
import { SignUp, type SignUpState } from "../../protocol/accounts.ts";
import { AppError, parse } from "../../protocol/errors.ts";
import type { Passwords } from "./passwords.ts";
import { makeRoom } from "./people.ts";

export interface SignUpGate {
  /** Is this sign-up possible at all? Asked before the password is hashed. Throws `forbidden` with what to do. */
  requireAdmission(setupToken: string | undefined): Promise<void>;
  /** The same, for good, in the transaction that makes the account. Answers the new person's role. */
  admit(tx: Transaction, userId: string, setupToken: string | undefined): Promise<"admin" | "user">;
  /** Who may make an account at this moment. */
  state(): Promise<SignUpState>;
  /** The secret of the setup link, made once; undefined where sign-up is not by invitation or the first account is made. */
  setupToken(): Promise<string | undefined>;
}

/** Holds until the first account is made; accounts the operator made by other means count too. */
export const isFirst = sql`not exists (select 1 from meta where key = 'first_account')
  and not exists (select 1 from accounts where provider_id = 'credential')`;

const refusals = {
  closed: "this server takes no new accounts; ask its administrator",
  invite: "accounts on this server are made by invitation; ask its administrator",
  setup: "the first account is made through the setup link that the server printed when it started",
} as const;

export function createSignUpGate(database: Database, mode: Config["signUp"]): SignUpGate {
  return {
    async requireAdmission(setupToken) {
      if (mode === "closed") throw new AppError("forbidden", refusals.closed);
      if (mode === "open") return;
      const kept = await database.guard(() => readSetupToken(database.orm, isFirst));
      if (kept === "none") throw new AppError("forbidden", refusals.invite);
      requireSetupToken(kept, setupToken);
    },
    async admit(tx, userId, setupToken) {
      if (mode === "closed") throw new AppError("forbidden", refusals.closed);
      const first = await claimFirstAccount(tx, userId);
      if (mode === "invite") {
        if (!first) throw new AppError("forbidden", refusals.invite);
        requireSetupToken(await readSetupToken(tx, sql`true`), setupToken);
      }
      if (first) await tx.execute(sql`delete from meta where key = 'setup_token'`);
      return first ? "admin" : "user";
    },
    async state() {
      if (mode !== "invite") return { sign_up: mode };
      const kept = await database.guard(() => readSetupToken(database.orm, isFirst));
      return { sign_up: kept === "none" ? "invite" : "setup_link" };
    },
    async setupToken() {
      if (mode !== "invite") return undefined;
      const kept = await database.guard(() => makeSetupToken(database));
      return kept === "none" ? undefined : kept.token;
    },
  };
}

/**
 * Takes the place of the server's first account, once in the life of a database; answers whether it was free. Two who
 * claim at once wait for each other on the key of the row, and a claim that is rolled back frees the place.
 */
export async function claimFirstAccount(orm: Transaction, userId: string): Promise<boolean> {
  const value = JSON.stringify({ user_id: userId });
  const claimed = await orm.execute(sql`
    insert into meta (key, value) select 'first_account', ${value}::text::json where ${isFirst}
    on conflict (key) do nothing returning key`);
  return claimed.length > 0;
}

/** `token` undefined: nobody has asked for the setup link yet. */
type Kept = { readonly token: string | undefined } | "none";

async function readSetupToken(orm: Pick<Transaction, "execute">, condition: SQL): Promise<Kept> {
  const rows = await orm.execute<{ token: string | null }>(
    sql`select (select value #>> '{}' from meta where key = 'setup_token') as token where ${condition}`,
  );
  const row = rows[0];
  return row ? { token: row.token ?? undefined } : "none";
}

async function makeSetupToken({ orm }: Database): Promise<Kept> {
  const token = JSON.stringify(randomBytes(24).toString("base64url"));
  await orm.execute(sql`
    insert into meta (key, value) select 'setup_token', ${token}::text::json where ${isFirst}
    on conflict (key) do nothing`);
  return readSetupToken(orm, isFirst);
}

function requireSetupToken(kept: Kept, given: string | undefined): void {
  const expected = Buffer.from((kept !== "none" && kept.token) || "");
  const actual = Buffer.from(given ?? "");
  if (expected.length > 0 && expected.length === actual.length && timingSafeEqual(expected, actual)) return;
  throw new AppError("forbidden", refusals.setup);
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly role: "admin" | "user";
}

/**
 * Makes an account without asking the gate, for the command line and the seed. Answers the person's id. Throws
 * `invalid`, `conflict` where the address is taken.
 */
export async function createUser(database: Database, passwords: Passwords, user: NewUser): Promise<string> {
  const { email, password, name } = parse(SignUp, user);
  const hash = await passwords.hash(password);
  const id = Bun.randomUUIDv7();
  try {
    await database.guard(() =>
      database.orm.transaction(async (tx) => {
        await tx.insert(users).values({ id, name, email, role: user.role });
        await tx
          .insert(accounts)
          .values({ id: Bun.randomUUIDv7(), userId: id, providerId: "credential", accountId: id, password: hash });
        await makeRoom(tx, id);
      }),
    );
  } catch (error) {
    if (sqlState(error) === "23505") throw new AppError("conflict", "there is an account with this e-mail address");
    throw error;
  }
  return id;
}
