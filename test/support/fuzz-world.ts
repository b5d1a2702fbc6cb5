/** Who and what an input may be about: people, a project they share, and a stranger whose things nobody may see. */
import { z } from "zod";
import { digest } from "./fold.ts";
import { type Administration, type Callers, createCallers } from "./fuzz-callers.ts";
import { createThings, fill, furnish, type Things } from "./fuzz-things.ts";
import { thingPattern } from "./fuzz-values.ts";
import { makeKey } from "./keys.ts";
import { makePerson, ok, type Page, type Person } from "./people.ts";

interface Server {
  readonly url: string;
}

export interface World extends Pick<Callers, "credential" | "guestLost"> {
  readonly server: Server;
  /** Stands in everything that is the stranger's and in no input: an answer that holds it tells what it must not. */
  readonly canary: string;
  readonly people: Readonly<Record<"owner" | "member" | "viewer" | "outsider" | "stranger", Person>>;
  /** Puts things of this world in place of `‹tasks.3›`. */
  resolve(text: string): string;
  /** What was made, so that later inputs may be about it. */
  readonly things: Things;
  /** Makes good what inputs have taken away: the home project, its members, keys, the guest's session. */
  restore(): Promise<void>;
  /** Of everything the stranger has. */
  strangerDigest(): Promise<string>;
}

const noId = "01a1fc20-d65a-74a9-913b-504653241700";
let worlds = 0;

async function makePeople(server: Server): Promise<World["people"]> {
  const number = ++worlds;
  const make = (name: string) => makePerson(server, `${name} ${number}`);
  return {
    owner: await make("owner"),
    member: await make("member"),
    viewer: await make("viewer"),
    outsider: await make("outsider"),
    stranger: await make("stranger"),
  };
}

export async function createWorld(server: Server, administration: Administration): Promise<World> {
  const canary = `canary${Bun.randomUUIDv7().replaceAll("-", "")}`;
  const people = await makePeople(server);
  const { owner, member, viewer, outsider, stranger } = people;
  const things = createThings();
  const foreign = createThings();
  const strangers = await furnish(stranger, foreign, canary, []);
  foreign.put("api-keys", (await makeKey(stranger)).id);
  foreign.put("users", stranger.id);
  things.put("users", outsider.id, member.id, viewer.id, owner.id);
  things.put("tokens", owner.token, member.token);
  things.put("mails", administration.email);
  const callers = createCallers(server.url, people, administration);
  const find = (strange: string, kind: string, index: number): string =>
    (strange === "" ? things : foreign).find(kind, index) ?? things.find("tasks", index) ?? noId;
  let home: string | undefined;
  const world: World = {
    server,
    canary,
    people,
    things,
    ...callers,
    resolve: (text) =>
      text.replace(thingPattern, (_, strange: string, kind: string, index: string) =>
        find(strange, kind, Number(index)),
      ),
    async restore() {
      home = await restoreHome(world, home);
      things.put("mails", await callers.restore(home));
      await tell(administration, owner, things);
    },
    strangerDigest: () => digestOf(stranger, strangers, foreign.all("tasks")),
  };
  await world.restore();
  await watched(stranger, foreign.all("tasks"));
  return world;
}

/** Gives the owner an entry that is there and one that comes back, by a job that waits. */
async function tell({ visitor }: Administration, owner: Person, things: Things): Promise<void> {
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const told = await visitor.call("POST", `/api/test/notification/${owner.id}`);
    const { notification } = Told.parse(told.body);
    things.put("notifications", notification.id);
    ids.push(notification.id);
  }
  await owner.call("POST", `/api/notifications/${ids[1]}/snooze`, { until: "2999-01-01T00:00:00.000Z" });
  const jobs = await visitor.call("GET", "/api/jobs?state=waiting&kind=unsnooze&limit=200");
  things.put("jobs", ...Listed.parse(jobs.body).items.map(({ id }) => id));
}
const Told = z.object({ notification: z.object({ id: z.string() }) });
const Listed = z.object({ items: z.array(z.object({ id: z.string() })) });

/** Settles when whoever made the tasks watches them, which happens behind their making. */
async function watched(person: Person, taskIds: readonly string[]): Promise<void> {
  for (const id of taskIds)
    while (ok(await person.call<Page<object>>("GET", `/api/tasks/${id}/watchers`), 200).items.length === 0)
      await Bun.sleep(20);
}

/** Answers the home project's id: another one, where the owner cannot make the old one what it was. */
async function restoreHome({ people, things }: World, home: string | undefined): Promise<string> {
  const { owner, member, viewer, outsider } = people;
  const roles = [
    [member, "admin"],
    [viewer, "viewer"],
  ] as const;
  if (home === undefined) return furnish(owner, things, "home", roles);
  const at = `/api/projects/${home}/members`;
  for (const [{ id }, role] of roles) {
    if ((await owner.call("POST", at, { user_id: id, role })).status === 201) continue;
    if ((await owner.call("PATCH", `${at}/${id}`, { role })).status !== 200)
      return furnish(owner, things, "home", roles);
  }
  await owner.call("DELETE", `${at}/${outsider.id}`);
  await fill(owner, things, "home", home, 3);
  return home;
}

async function digestOf(person: Person, projectId: string, taskIds: readonly string[]): Promise<string> {
  const at = `/api/projects/${projectId}`;
  const ofTasks = taskIds.flatMap((id) =>
    ["comments", "checklist", "watchers"].map((what) => `/api/tasks/${id}/${what}`),
  );
  const paths = [`${at}/snapshot`, `${at}/events?limit=500`, `${at}/activity`, "/api/api-keys", ...ofTasks];
  const replies = await Promise.all(paths.map((path) => person.call("GET", path)));
  return digest(replies.map((reply) => ok(reply, 200)));
}
