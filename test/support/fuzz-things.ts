/** The things inputs may be about, by kind, and a project that has some of everything. */
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { addMember, makeProject, ok, type Person } from "./people.ts";

export interface Things {
  put(kind: string, ...ids: readonly string[]): void;
  /** As the first of its kind: what callers reach most. */
  putFirst(kind: string, id: string): void;
  /** It was deleted. People stay. */
  forget(id: string): void;
  /** Even numbers are the oldest ones, odd ones the newest. Undefined where there is none of the kind. */
  find(kind: string, index: number): string | undefined;
  all(kind: string): readonly string[];
}

const keptMax = 400;
/** Those a world began with stay longest. */
const firstOnes = 20;

export function createThings(): Things {
  const kinds = new Map<string, string[]>();
  const of = (kind: string): string[] => {
    const known = kinds.get(kind) ?? [];
    kinds.set(kind, known);
    return known;
  };
  return {
    put(kind, ...ids) {
      const all = of(kind);
      all.push(...ids.filter((id) => !all.includes(id)));
      if (all.length > keptMax) all.splice(firstOnes, all.length - keptMax);
    },
    putFirst: (kind, id) => void of(kind).unshift(id),
    forget(id) {
      for (const [kind, all] of kinds) {
        const at = kind === "users" ? -1 : all.indexOf(id);
        if (at >= 0) all.splice(at, 1);
      }
    },
    find(kind, index) {
      const all = of(kind);
      const at = (index >> 1) % Math.max(1, all.length);
      return all.at(index % 2 === 0 ? at : -1 - at);
    },
    all: of,
  };
}

/** Names in a project are unique. */
let names = 0;

/** Makes a project with something of everything, `word` in all of its texts. Answers its id. */
export async function furnish(
  owner: Person,
  things: Things,
  word: string,
  members: readonly (readonly [Person, string])[],
): Promise<string> {
  const project = await makeProject(owner, { name: `${word} home`, description: word });
  for (const [person, role] of members) await addMember(owner, project, person, role);
  things.putFirst("projects", project.id);
  await fill(owner, things, word, project.id, 6);
  const snapshot = ok(await owner.call<Snapshot>("GET", `/api/projects/${project.id}/snapshot`), 200);
  things.put("columns", ...snapshot.columns.map(({ id }) => id));
  things.put("epochs", snapshot.epoch);
  return project.id;
}

/** Adds some of everything to a project. */
export async function fill(
  owner: Person,
  things: Things,
  word: string,
  projectId: string,
  tasks: number,
): Promise<void> {
  const at = `/api/projects/${projectId}`;
  const make = async (kind: string, path: string, body: object): Promise<string | undefined> => {
    const reply = await owner.call<{ id: string }>("POST", path, body);
    if (reply.status === 409) return undefined; // a project takes only so many labels and columns
    const { id } = ok(reply, 201);
    things.put(kind, id);
    return id;
  };
  await make("labels", `${at}/labels`, { name: `${word} ${++names}`, color: "#123456" });
  await make("columns", `${at}/columns`, { name: `${word} ${++names}` });
  for (let i = 0; i < tasks; i++) {
    const task = await make("tasks", `${at}/tasks`, { title: `${word} ${i}`, description: word });
    await make("comments", `/api/tasks/${task}/comments`, { content: `${word} ${i}` });
    await make("checklist", `/api/tasks/${task}/checklist`, { title: word });
  }
}
