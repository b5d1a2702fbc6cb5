/** What the list shows of each project beside its name: some members, and when something last happened. */
import { signal } from "@preact/signals";
import { type Taskwire, TaskwireError } from "../../client/index.ts";
import type { ActivityEntry } from "../../protocol/activity.ts";
import type { Member, Project } from "../../protocol/projects.ts";
import type { User } from "../../protocol/users.ts";

export interface ProjectFacts {
  /** The first ones who came. */
  readonly people: readonly User[];
  /** There are more than `people`. */
  readonly more: boolean;
  /** Null where nothing happened yet. */
  readonly activeAt: string | null;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** By project id. */
export const facts = signal<ReadonlyMap<string, ProjectFacts>>(new Map());

const shownPeople = 5;
/** Projects that are asked about at once. */
const atOnce = 4;

/** Asks about each, a few at a time; what was known is shown until the answer is there. Ends early with the signal. */
export async function loadFacts(client: Taskwire, list: readonly Project[], until: AbortSignal): Promise<void> {
  const left = [...list];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next && !until.aborted; next = left.shift()) await loadOne(client, next.id);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function loadOne({ rest }: Taskwire, id: string): Promise<void> {
  const path = `/api/projects/${id}`;
  try {
    const [members, activity] = await Promise.all([
      rest.request<Page<Member>>("GET", `${path}/members?limit=${shownPeople}`),
      rest.request<Page<ActivityEntry>>("GET", `${path}/activity?limit=1`),
    ]);
    const people = members.items.map(({ user }) => user);
    const found = { people, more: members.next_cursor !== null, activeAt: activity.items[0]?.at ?? null };
    facts.value = new Map(facts.peek()).set(id, found);
  } catch (error) {
    // The project may have gone in the meantime, the connection too: the row stands without them.
    if (!(error instanceof TaskwireError)) throw error;
  }
}
