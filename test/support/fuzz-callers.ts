/** How callers show who they are: tokens, cookies and keys, which inputs may end. */
import { getToken, signUp, type Visitor } from "./accounts.ts";
import type { Caller } from "./fuzz-inputs.ts";
import { makeKey } from "./keys.ts";
import { ok, type Page, type Person } from "./people.ts";

/** A token, and what its bearer sends to be known by it. */
export interface Credential {
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The server's administrator: the first of its accounts. */
export interface Administration {
  readonly visitor: Visitor;
  readonly email: string;
}

export interface Callers {
  credential(caller: Caller): Credential;
  /** The guest's session has ended. */
  guestLost(): void;
  /** Makes good what has ended. `home` is the project `heldKey` is for. Answers the guest's address. */
  restore(home: string): Promise<string>;
}

type People = Readonly<Record<"owner" | "member" | "viewer" | "outsider", Person>>;
type KeyName = "key" | "heldKey" | "readKey" | "publishKey";

const bearing = (token: string): Credential => ({ token, headers: { authorization: `Bearer ${token}` } });
const nobody: Credential = { token: "", headers: {} };

/** Call it once for a server, before anybody else signs up there. */
export async function makeAdministration({ url }: { readonly url: string }): Promise<Administration> {
  const { visitor, email } = await signUp(url);
  return { visitor, email };
}

export function createCallers(url: string, people: People, administration: Administration): Callers {
  const bearers = Object.entries(people).map(([name, { token }]) => [name, bearing(token)] as const);
  const known = new Map<string, Credential>(bearers);
  let guestEmail: string | undefined;

  const isKnown = async (name: string): Promise<boolean> => {
    const { headers } = known.get(name) ?? nobody;
    return (await fetch(`${url}/api/me`, { headers })).status === 200;
  };
  /** All of them where one has ended: there is a limit to the keys of a person. */
  const restoreKeys = async (home: string): Promise<void> => {
    const bodies: Readonly<Record<KeyName, object>> = {
      key: { scopes: ["read", "write", "events:publish"] },
      heldKey: { project_ids: [home] },
      readKey: { scopes: ["read"] },
      publishKey: { scopes: ["events:publish"] },
    };
    const alive = await Promise.all(Object.keys(bodies).map(isKnown));
    if (alive.every(Boolean)) return;
    const { owner } = people;
    const listed = ok(await owner.call<Page<{ id: string }>>("GET", "/api/api-keys?limit=200"), 200);
    for (const { id } of listed.items) await owner.call("DELETE", `/api/api-keys/${id}`);
    for (const [name, body] of Object.entries(bodies)) known.set(name, bearing((await makeKey(owner, body)).key));
  };
  return {
    credential: (caller) => known.get(caller) ?? nobody,
    guestLost() {
      guestEmail = undefined;
    },
    async restore(home) {
      await restoreKeys(home);
      const { visitor } = administration;
      // A cookie for requests, a token made from it for sockets: that lives a quarter of an hour.
      const { token } = await getToken(visitor);
      known.set("administrator", { token, headers: { cookie: visitor.cookie() } });
      if (guestEmail !== undefined) return guestEmail;
      const guest = await signUp(url);
      known.set("guest", { token: "", headers: { cookie: guest.visitor.cookie() } });
      guestEmail = guest.email;
      return guestEmail;
    },
  };
}
