/** A socket that listens to a project: what everybody in it hears of what a test does, and nothing else. */
import type { Project } from "../../src/protocol/projects.ts";
import type { TestApp } from "./app.ts";
import { getSnapshot, type Person } from "./people.ts";
import { type Data, openWire, type WireFrame } from "./wire.ts";

export interface Heard {
  readonly event: string | undefined;
  readonly data: Data;
}

export interface Listener {
  /** The durable events since the last call, all that there are in the room by now, in their order. */
  heard(): Promise<readonly Heard[]>;
  close(): void;
}

/** Joins the project with a socket of `person`'s. */
export async function listen(app: TestApp, person: Person, project: Project): Promise<Listener> {
  const wire = await openWire(app.url, { token: person.token });
  const joined = await wire.ask("join_project", { project_id: project.id });
  if (!joined.ok) throw new Error(`joining was refused: ${JSON.stringify(joined.error)}`);
  const room = `project:${project.id}`;
  let at = Number(joined.data.seq);
  return {
    async heard() {
      const { seq: head } = await getSnapshot(person, project);
      const frames: WireFrame[] = [];
      for (; at < head; at++) frames.push(await wire.take((frame) => frame.room === room && frame.seq === at + 1));
      return frames.map(({ event, data }) => ({ event, data }));
    },
    close: () => wire.destroy(),
  };
}
