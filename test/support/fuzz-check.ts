/** After the inputs: is everything whole? */

import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { api, type EventFrame, openClient } from "./contract-client.ts";
import { apply, differences, digest, emptyState, hashState, type RoomState } from "./fold.ts";
import type { World } from "./fuzz-world.ts";
import { readLog } from "./load-check.ts";
import { readState } from "./load-reader.ts";
import type { Page } from "./people.ts";
import { ok, type Person } from "./people.ts";

/** What is wrong with the projects of the world's people, in words. */
export async function findDamage(world: World): Promise<string[]> {
  const { owner, member, viewer, outsider } = world.people;
  const found: string[] = [];
  const seen = new Set<string>();
  for (const person of [owner, member, viewer, outsider]) {
    for (const id of await projectsOf(person)) {
      if (seen.has(id)) continue;
      seen.add(id);
      found.push(...(await checkProject(world, person, id)).map((problem) => `project ${id}: ${problem}`));
    }
    found.push(...(await checkUserRoom(world, person)));
  }
  return found;
}

async function projectsOf(person: Person): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<{ id: string }> = ok(
      await person.call<Page<{ id: string }>>("GET", `/api/projects?limit=200${query}`),
      200,
    );
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  return ids;
}

/** Is the log 1, 2, 3 …, and do its events add up to what the tables hold? */
async function checkProject(world: World, person: Person, projectId: string): Promise<string[]> {
  const server = { url: world.server.url, token: person.token };
  const log = await readLog(server, projectId);
  const snapshot = await api<Snapshot>(server, "GET", `/api/projects/${projectId}/snapshot`);
  const gap = log.findIndex(({ seq }, i) => seq !== i + 1);
  if (gap >= 0) return [`the log has ${log[gap]?.seq} where ${gap + 1} is due`];
  if (snapshot.seq !== log.length) return [`the snapshot is at ${snapshot.seq}, the log at ${log.length}`];
  const told = live(foldTasks(log));
  const held = live(await readState(server, projectId));
  const problems =
    hashState(told) === hashState(held) ? [] : [`the tables and the log differ: ${differences(held, told)}`];
  return [...problems, ...differingParts(foldParts(log), snapshot)];
}

/** Events of applications carry any data, also what looks like a task. */
const isOwn = ({ event }: EventFrame): boolean => !event.startsWith("x_");

function foldTasks(log: readonly EventFrame[]): RoomState {
  const state = emptyState();
  for (const frame of log.filter(isOwn)) apply(state, frame);
  return state;
}

/** Without archived tasks and what belongs to them: snapshots do not hold them. */
function live({ seq, tasks, comments }: RoomState): RoomState {
  const open = new Map([...tasks].filter(([, task]) => task.archived_at === null));
  return { seq, tasks: open, comments: new Map([...comments].filter(([, { task_id }]) => open.has(task_id))) };
}

interface Parts {
  project?: object;
  columns?: readonly { readonly id: string }[];
  labels?: readonly { readonly id: string }[];
  readonly members: Map<string, { readonly user_id: string; readonly role: string }>;
}

/** The project, its columns, labels and members as the events tell them; undefined where none does. */
function foldParts(log: readonly EventFrame[]): Parts {
  const parts: Parts = { members: new Map() };
  for (const { event, data } of log.filter(isOwn)) {
    const {
      project,
      columns,
      labels,
      member,
    }: Partial<Omit<Parts, "members">> & { member?: { user_id: string; role: string } } = data;
    if (event === "project_updated") Object.assign(parts, { project, columns, labels });
    if (!member) continue;
    if (event === "member_removed") parts.members.delete(member.user_id);
    else parts.members.set(member.user_id, member);
  }
  return parts;
}

function differingParts({ project, columns, labels, members }: Parts, snapshot: Snapshot): string[] {
  const { role, ...told } = snapshot.project;
  const byId = (all: readonly { readonly id: string }[]) => all.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const roles = new Map(snapshot.members.map((member) => [member.user_id, member.role]));
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["project", project, told],
    ["columns", columns && byId(columns), byId(snapshot.columns)],
    ["labels", labels && byId(labels), byId(snapshot.labels)],
    // The one who made the project is told to nobody but that person.
    ...[...members].map(([id, member]) => [`member ${id}`, member.role, roles.get(id)] as const),
  ];
  return pairs
    .filter(([, one, other]) => one !== undefined && digest(one) !== digest(other))
    .map(([name, one, other]) => `${name} is ${JSON.stringify(other)} and was told as ${JSON.stringify(one)}`);
}

/** Is the person's own room 1, 2, 3 … too? */
async function checkUserRoom(world: World, person: Person): Promise<string[]> {
  const client = await openClient({ url: world.server.url, token: person.token });
  const { epoch, seq: head } = client.userRoom;
  let seq = 0;
  try {
    while (seq < head) {
      const page = await client.request("resume_user", { since: { epoch, seq } });
      const gap = page.events.findIndex((event, i) => event.seq !== seq + i + 1);
      if (gap >= 0 || page.events.length === 0)
        return [`${person.name}'s room has a gap behind ${seq + Math.max(gap, 0)}`];
      seq = page.seq;
    }
    return [];
  } finally {
    client.close();
  }
}
