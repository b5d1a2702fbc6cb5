/** The work of `taskwire user …` and `taskwire token`. */
import { z } from "zod";
import type { Account } from "../features/auth/administration.ts";
import { AppError } from "../protocol/errors.ts";
import { CommandError } from "./command-error.ts";
import { defineOperation, type Office } from "./operation.ts";

const Person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(["admin", "user"]),
  disabled_at: z.string().nullable(),
  created_at: z.string(),
});
export type Person = z.infer<typeof Person>;

const toPerson = ({ id, name, email, role, disabledAt, createdAt }: Account): Person => ({
  id,
  name,
  email,
  role,
  disabled_at: disabledAt,
  created_at: createdAt,
});

export async function findPerson({ administration }: Office, emailOrId: string): Promise<Account> {
  try {
    return await administration.get(emailOrId);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    throw new CommandError(error.message, 'See "taskwire user list".', error.code);
  }
}

const Which = z.object({ email: z.string() });

export const addUser = defineOperation({
  name: "user-add",
  makes: true,
  input: z.object({ email: z.string(), name: z.string(), password: z.string().optional(), admin: z.boolean() }),
  output: z.object({ user: Person, password: z.string().nullable() }),
  async run({ administration }, { email, name, password, admin }) {
    const added = await administration.add({ email, name, password, admin });
    // One that was given is known to whoever gave it, and is not said again.
    return { user: toPerson(added.account), password: password === undefined ? added.password : null };
  },
});

export const listUsers = defineOperation({
  name: "user-list",
  input: z.object({ search: z.string().optional() }),
  output: z.object({ users: z.array(Person) }),
  run: async ({ administration }, { search }) => ({ users: (await administration.list(search)).map(toPerson) }),
});

export const disableUser = defineOperation({
  name: "user-disable",
  input: Which,
  output: z.object({ user: Person }),
  async run(office, { email }) {
    const { id } = await findPerson(office, email);
    await office.administration.disable(id);
    return { user: toPerson(await office.administration.get(id)) };
  },
});

export const enableUser = defineOperation({
  name: "user-enable",
  input: Which,
  output: z.object({ user: Person }),
  async run(office, { email }) {
    const { id } = await findPerson(office, email);
    await office.administration.enable(id);
    return { user: toPerson(await office.administration.get(id)) };
  },
});

export const setRole = defineOperation({
  name: "user-role",
  input: z.object({ email: z.string(), role: z.enum(["admin", "user"]) }),
  output: z.object({ user: Person }),
  async run(office, { email, role }) {
    const { id } = await findPerson(office, email);
    await office.administration.setRole(id, role);
    return { user: toPerson(await office.administration.get(id)) };
  },
});

export const resetPassword = defineOperation({
  name: "user-reset-password",
  input: z.object({ email: z.string(), password: z.string().optional() }),
  output: z.object({ user: Person, password: z.string().nullable(), ended_sessions: z.int() }),
  async run(office, { email, password: given }) {
    const account = await findPerson(office, email);
    const { password, endedSessions } = await office.administration.resetPassword(account.id, given);
    return { user: toPerson(account), password: given === undefined ? password : null, ended_sessions: endedSessions };
  },
});

export const issueToken = defineOperation({
  name: "token",
  input: Which,
  output: z.object({ user: Person, token: z.string(), expires_at: z.string() }),
  async run(office, { email }) {
    const account = await findPerson(office, email);
    return { user: toPerson(account), ...(await office.administration.issueToken(account.id)) };
  },
});

export const userOperations = [addUser, listUsers, disableUser, enableUser, setRole, resetPassword, issueToken];
