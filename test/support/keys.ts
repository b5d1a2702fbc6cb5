/** API keys, the programs that hold them, and an administrator. */
import type { NewApiKey } from "../../src/protocol/api-keys.ts";
import { Scope } from "../../src/protocol/endpoint.ts";
import { getToken, signUp } from "./accounts.ts";
import type { TestApp } from "./app.ts";
import { caller, ok, type Person } from "./people.ts";

export const makeKey = async (person: Person, body: object = {}): Promise<NewApiKey> =>
  ok(await person.call<NewApiKey>("POST", "/api/api-keys", { name: "Robot", scopes: ["read", "write"], ...body }), 201);

/** Somebody who calls with a key (or a token) of a person. */
export const holder = (app: Pick<TestApp, "url">, person: Person, token: string): Person => ({
  ...person,
  token,
  call: caller(app, token),
});

/** A new key of a person, and who calls with it. */
export async function makeHolder(app: Pick<TestApp, "url">, person: Person, body: object = {}) {
  const key = await makeKey(person, body);
  return { key, robot: holder(app, person, key.key) };
}

/** The server's administrator: the first who signs up, so this is to be called once for a server, before others do. */
export async function makeAdministrator(app: Pick<TestApp, "url">): Promise<Person> {
  const { id, name, visitor } = await signUp(app.url);
  const { token } = await getToken(visitor);
  return { id, name, token, call: caller(app, token) };
}

/** Every scope that people other than administrators can give. */
export const usualScopes = Scope.options.filter((scope) => scope !== "notifications:send");
