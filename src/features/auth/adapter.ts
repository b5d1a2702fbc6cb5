/** better-auth's way to our tables: its drizzle adapter, with what must happen in the same transaction added. */
import type { DBAdapter, DBTransactionAdapter, Where } from "@better-auth/core/db/adapter";
import type { BetterAuthOptions } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { eq } from "drizzle-orm";
import type { Transaction } from "../../db/context.ts";
import type { Orm } from "../../db/open.ts";
import { accounts, sessions, users, verifications } from "../../db/schema.ts";
import { AppError } from "../../protocol/errors.ts";
import { currentAttempt } from "./attempt.ts";
import { makeRoom } from "./people.ts";
import type { Sessions } from "./sessions.ts";
import type { SignUpGate } from "./sign-up.ts";

/** Our tables under better-auth's names for them. */
export const authTables = { user: users, session: sessions, account: accounts, verification: verifications } as const;

interface Rules {
  readonly gate: SignUpGate;
  readonly sessions: Sessions;
}

/**
 * An account is made in one transaction with its room and its role. A session is deleted together with its
 * `session_ended`, whichever path of better-auth deletes it. Disabled people get no session.
 */
export function createAdapter(rules: Rules, orm: Orm): (options: BetterAuthOptions) => DBAdapter {
  const over = (db: Orm | Transaction, options: BetterAuthOptions): DBAdapter =>
    drizzleAdapter(db, { provider: "pg", schema: authTables })(options);
  return (options) => {
    const plain = over(orm, options);
    const { transaction: _, ...adapter } = remembering({
      ...plain,
      create: createOutside(plain, orm),
      delete: async ({ model, where }) =>
        model === "session" ? void (await endSessions(plain, rules, where)) : plain.delete({ model, where }),
      deleteMany: async ({ model, where }) =>
        model === "session" ? endSessions(plain, rules, where) : plain.deleteMany({ model, where }),
    });
    return {
      ...adapter,
      transaction: (run) =>
        inTransaction(orm, (tx) => {
          const inner = over(tx, options);
          return run(remembering({ ...inner, create: createInside(inner, rules, tx), ...noSessionEnds }));
        }),
    };
  };
}

const createOutside =
  (adapter: DBAdapter, orm: Orm): DBAdapter["create"] =>
  async (input) => {
    if (input.model === "user") throw new Error("a person is made in a transaction, with their room");
    if (input.model === "session") await requireEnabled(orm, input.data);
    return adapter.create(input);
  };

interface Create<T> {
  model: string;
  data: Omit<T, "id">;
  select?: string[] | undefined;
}

const createInside =
  (adapter: DBAdapter, { gate }: Rules, tx: Transaction): DBAdapter["create"] =>
  async <T extends Record<string, unknown>, R = T>(input: Create<T>) => {
    if (input.model !== "user") return adapter.create<T, R>(input);
    const id = Bun.randomUUIDv7();
    const role = await gate.admit(tx, id, currentAttempt().setupToken);
    const created = await adapter.create<T, R>({ ...input, data: { ...input.data, id }, forceAllowId: true });
    await makeRoom(tx, id);
    if (role === "admin") await tx.update(users).set({ role }).where(eq(users.id, id));
    return created;
  };

async function requireEnabled(orm: Orm, session: object): Promise<void> {
  const userId = "userId" in session ? String(session.userId) : "";
  const [user] = await orm.select({ disabledAt: users.disabledAt }).from(users).where(eq(users.id, userId));
  if (user?.disabledAt) throw new AppError("forbidden", "this account is disabled; ask an administrator");
}

/** Answers how many ended. */
async function endSessions(adapter: DBAdapter, rules: Rules, where: Where[]): Promise<number> {
  const reason = currentAttempt().endReason;
  const found = await adapter.findMany<{ id: string; userId: string }>({ model: "session", where });
  let ended = 0;
  for (const [userId, own] of Map.groupBy(found, (session) => session.userId)) {
    ended += await rules.sessions.end(
      userId,
      own.map((session) => session.id),
      reason,
    );
  }
  return ended;
}

const refuseInside = async (): Promise<never> => {
  throw new Error("nothing is deleted in a transaction of better-auth: its event would need another one");
};
const noSessionEnds = { delete: refuseInside, deleteMany: refuseInside } as const;

/** The adapter, noting the first failure of each call of better-auth (see Attempt). */
const remembering = <Adapter extends DBTransactionAdapter>(adapter: Adapter): Adapter => ({
  ...adapter,
  create: remember(adapter.create),
  findOne: remember(adapter.findOne),
  findMany: remember(adapter.findMany),
  count: remember(adapter.count),
  update: remember(adapter.update),
  updateMany: remember(adapter.updateMany),
  delete: remember(adapter.delete),
  deleteMany: remember(adapter.deleteMany),
  consumeOne: remember(adapter.consumeOne),
  incrementOne: remember(adapter.incrementOne),
});

const remember =
  <Input, Output>(work: (input: Input) => Promise<Output>) =>
  async (input: Input): Promise<Output> => {
    const attempt = currentAttempt();
    try {
      return await work(input);
    } catch (error) {
      attempt.failure ??= error;
      throw error;
    }
  };

/** Notes a failure of the transaction itself; what `work` throws may be a plain refusal of better-auth. */
async function inTransaction<Output>(orm: Orm, work: (tx: Transaction) => Promise<Output>): Promise<Output> {
  const attempt = currentAttempt();
  let refusal: unknown;
  try {
    return await orm.transaction((tx) =>
      work(tx).catch((error: unknown) => {
        refusal = error;
        throw error;
      }),
    );
  } catch (error) {
    if (error !== refusal) attempt.failure ??= error;
    throw error;
  }
}
