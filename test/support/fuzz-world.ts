/** Who and what an input may be about: people, a project they share, and strangers whose things nobody may see. */
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { signUp, type Visitor } from "./accounts.ts";
import { digest } from "./fold.ts";
import type { Caller } from "./fuzz-inputs.ts";
import { thingPattern } from "./fuzz-values.ts";
import { makeKey } from "./keys.ts";
import { addMember, makePerson, makeProject, ok, type Page, type Person } from "./people.ts";

type Headings = Readonly<Record<string, string>>;
type Server = { readonly url: string };

/** A token and what its bearer sends to be known by it. */
export interface Credential {
  readonly token: string;
  readonly headers: Headings;
}

export interface World {
  readonly server: Server;
  /** Stands in everything that is the strangers' and in no input: an answer that holds it tells what it must not. */
  readonly canary: string;
  readonly people: Readonly<Record<"owner" | "member" | "viewer" | "outsider" | "stranger", Person>>;
  credential(caller: Caller): Credential;
  /** Puts things of this world in place of `‹tasks.3›`. */
  resolve(text: string): string;
  /** Remembers what was made, so that later inputs may be about it. */
  learn(kind: string, id: string): void;
  /** It was deleted. */
  forget(id: string): void;
  /** The guest's session has ended. */
  guestLost(): void;
  /** Makes good what inputs have taken away: the home project, its members, keys, the guest's session. */
  restore(): Promise<void>;
  /** Of everything the stranger has. */
  strangerDigest(): Promise<string>;
}

/** The server's administrator and the first of its accounts. */
export interface Administration {
  readonly visitor: Visitor;
  readonly email: string;
}

const kept = 400;
const noId = "01a1fc20-d65a-74a9-913b-504653241700";
let worlds = 0;
let names = 0;

const bearing = (token: string): Credential => ({ token, headers: { authorization: `Bearer ${token}` } });

type Things = Map<string, string[]>;
const put = (things: Things, kind: string, ...ids: readonly string[]): void => {
  const all = things.get(kind) ?? [];
  things.set(kind, all);
  for (const id of ids) {
    // The first ones are those the world began with.
    if (all.length >= kept) all.splice(20, 1);
    all.push(id);
  }
};

/** One project with something of everything in it; answers its id. */
async function furnish(
  owner: Person,
  things: Things,
  word: string,
  others: readonly (readonly [Person, string])[],
): Promise<string> {
  const project = await makeProject(owner, { name: `${word} home`, description: word });
  const at = `/api/projects/${project.id}`;
  for (const [person, role] of others) await addMember(owner, project, person, role);
  // First of all: what callers reach most.
  things.set("projects", [project.id, ...(things.get("projects") ?? [])]);
  await fill(owner, things, word, project.id, 6);
  const snapshot = ok(await owner.call<Snapshot>("GET", `${at}/snapshot`), 200);
  put(things, "columns", ...snapshot.columns.map(({ id }) => id));
  put(things, "epochs", snapshot.epoch);
  return project.id;
}

/** Adds some of everything to a project. */
async function fill(owner: Person, things: Things, word: string, projectId: string, tasks: number): Promise<void> {
  const at = `/api/projects/${projectId}`;
  const made = async (kind: string, path: string, body: object): Promise<void> => {
    const reply = await owner.call<{ id: string }>("POST", path, body);
    // A project takes only so many labels and columns.
    if (reply.status !== 409) put(things, kind, ok(reply, 201).id);
  };
  await made("labels", `${at}/labels`, { name: `${word} ${++names}`, color: "#123456" });
  await made("columns", `${at}/columns`, { name: `${word} ${++names}` });
  for (let i = 0; i < tasks; i++) {
    const task = ok(
      await owner.call<{ id: string }>("POST", `${at}/tasks`, { title: `${word} ${i}`, description: word }),
      201,
    );
    put(things, "tasks", task.id);
    await made("comments", `/api/tasks/${task.id}/comments`, { content: `${word} ${i}` });
    await made("checklist", `/api/tasks/${task.id}/checklist`, { title: word });
  }
}

const keyBodies = {
  key: { scopes: ["read", "write", "events:publish"] },
  heldKey: {},
  readKey: { scopes: ["read"] },
  publishKey: { scopes: ["events:publish"] },
} as const;

const isKnown = async ({ url }: Server, { headers }: Credential): Promise<boolean> =>
  (await fetch(`${url}/api/me`, { headers })).status === 200;

export async function createWorld(server: Server, administration: Administration): Promise<World> {
  const canary = `canary${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const number = ++worlds;
  const person = (name: string) => makePerson(server, `${name} ${number}`);
  const [owner, member, viewer, outsider, stranger] = [
    await person("owner"),
    await person("member"),
    await person("viewer"),
    await person("outsider"),
    await person("stranger"),
  ];
  const people = { owner, member, viewer, outsider, stranger };
  const own: Things = new Map();
  const foreign: Things = new Map();
  const strangers = await furnish(stranger, foreign, canary, []);
  put(foreign, "api-keys", (await makeKey(stranger)).id);
  put(foreign, "users", stranger.id);
  put(own, "users", outsider.id, member.id, viewer.id, owner.id);
  put(own, "tokens", owner.token, member.token);
  put(own, "mails", administration.email);

  const credentials = new Map<Caller, Credential>([
    ["owner", bearing(owner.token)],
    ["member", bearing(member.token)],
    ["viewer", bearing(viewer.token)],
    ["outsider", bearing(outsider.token)],
    ["nobody", { token: "", headers: {} }],
  ]);
  let home = "";
  let guestLives = false;

  const makeHome = async (): Promise<void> => {
    home = await furnish(owner, own, "home", [
      [member, "admin"],
      [viewer, "viewer"],
    ]);
  };
  /** Throws where a role was changed to owner and cannot be taken back: then there is another home. */
  const restoreHome = async (): Promise<boolean> => {
    const at = `/api/projects/${home}/members`;
    for (const [{ id }, role] of [
      [member, "admin"],
      [viewer, "viewer"],
    ] as const) {
      const added = await owner.call("POST", at, { user_id: id, role });
      if (added.status === 201) continue;
      if ((await owner.call("PATCH", `${at}/${id}`, { role })).status !== 200) return false;
    }
    await owner.call("DELETE", `${at}/${outsider.id}`);
    return true;
  };
  /** All of them, where one does not live any more: there is a limit to the keys of a person. */
  const restoreKeys = async (): Promise<void> => {
    const held = Object.keys(keyBodies).map((name) => credentials.get(name as keyof typeof keyBodies)); // its own names
    const alive = await Promise.all(held.map((key) => key && isKnown(server, key)));
    if (alive.every(Boolean)) return;
    const listed = ok(await owner.call<Page<{ id: string }>>("GET", "/api/api-keys?limit=200"), 200);
    for (const { id } of listed.items) await owner.call("DELETE", `/api/api-keys/${id}`);
    for (const [name, body] of Object.entries(keyBodies)) {
      const key = await makeKey(owner, name === "heldKey" ? { project_ids: [home] } : body);
      credentials.set(name as keyof typeof keyBodies, bearing(key.key)); // its own names
    }
  };
  const restoreAccounts = async (): Promise<void> => {
    const { token }: { token: string } = JSON.parse(
      JSON.stringify((await administration.visitor.call("POST", "/api/token")).body),
    );
    credentials.set("administrator", { token, headers: { cookie: administration.visitor.cookie() } });
    if (guestLives) return;
    const guest = await signUp(server.url);
    credentials.set("guest", { token: "", headers: { cookie: guest.visitor.cookie() } });
    put(own, "mails", guest.email);
    guestLives = true;
  };
  const restore = async (): Promise<void> => {
    if (home === "" || !(await restoreHome())) await makeHome();
    else await fill(owner, own, "home", home, 3);
    await restoreKeys();
    await restoreAccounts();
  };
  await restore();

  const look = (things: Things, kind: string, index: number): string => {
    const all = things.get(kind)?.length ? things.get(kind) : own.get("tasks");
    // Even numbers are the oldest things, odd ones the newest.
    const at = (index >> 1) % Math.max(1, all?.length ?? 0);
    return all?.at(index % 2 === 0 ? at : -1 - at) ?? noId;
  };
  return {
    server,
    canary,
    people,
    credential: (caller) => credentials.get(caller) ?? { token: "", headers: {} },
    resolve: (text) =>
      text.replace(thingPattern, (_, strange: string, kind: string, index: string) =>
        look(strange === "" ? own : foreign, kind, Number(index)),
      ),
    learn: (kind, id) => put(own, kind, id),
    forget(id) {
      for (const [kind, all] of own)
        if (kind !== "users" && all.includes(id))
          own.set(
            kind,
            all.filter((other) => other !== id),
          );
    },
    guestLost() {
      guestLives = false;
    },
    restore,
    async strangerDigest() {
      const at = `/api/projects/${strangers}`;
      const tasks = (foreign.get("tasks") ?? []).flatMap((id) => [
        `/api/tasks/${id}/comments`,
        `/api/tasks/${id}/checklist`,
        `/api/tasks/${id}/watchers`,
      ]);
      const paths = [`${at}/snapshot`, `${at}/events?limit=500`, `${at}/activity`, "/api/api-keys", ...tasks];
      const all = await Promise.all(paths.map((path) => stranger.call("GET", path)));
      return digest(all.map((reply) => ok(reply, 200)));
    },
  };
}

/** The first account of a fresh server. */
export async function makeAdministration(server: Server): Promise<Administration> {
  const { visitor, email } = await signUp(server.url);
  return { visitor, email };
}
