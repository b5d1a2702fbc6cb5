/** The projects that are joined: a room, a store and what it needs of REST for each. */
import type { LoggedEvent, ServerFrame } from "../protocol/event.ts";
import type { Since } from "../protocol/ids.ts";
import type { RoomName } from "../protocol/rooms.ts";
import { type Archive, createArchive } from "./archive.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { createDeferred, type Deferred } from "./deferred.ts";
import { createDetails, type Details, type DetailsOptions } from "./details.ts";
import type { TaskwireError } from "./errors.ts";
import type { Following, FollowingRoomHooks } from "./following.ts";
import { loadProject } from "./loading.ts";
import type { Write } from "./optimistic.ts";
import { createPresence, type Presence } from "./presence.ts";
import type { ProjectState } from "./reducer.ts";
import type { Rest } from "./rest.ts";
import { createRoom, type RoomSource } from "./rooms.ts";
import { type Closed, createStore, type ProjectStore, type StoreInput } from "./stores.ts";
import { createTyping, type Typing } from "./typing.ts";

export interface ProjectsOptions {
  readonly connection: Pick<Connection, "request">;
  readonly following: Following;
  readonly rest: Rest;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (event: LoggedEvent) => void;
  /** Writes on their way, for a store that opens while they wait. */
  readonly waiting: () => readonly Write[];
  readonly me: DetailsOptions["me"];
  readonly verbs: DetailsOptions["verbs"];
}

interface Joined {
  /** Settles with the store once it is live for the first time. */
  readonly ready: Deferred<ProjectStore>;
  readonly presence: Presence;
  readonly typing: Typing;
  readonly details: Details;
  readonly archive: Archive;
  /** Undefined until the first snapshot. */
  input: StoreInput | undefined;
}

const projectRoom = (id: string): RoomName => `project:${id}`;
const idOf = (room: string): string => room.slice("project:".length);

export interface Projects {
  join(projectId: string): Promise<ProjectStore>;
  /** The store of a project, where it is open. */
  find(projectId: string): ProjectStore | undefined;
  /** Every store that is open. */
  inputs(): readonly StoreInput[];
  /** An ephemeral frame of a project's room. */
  hear(frame: ServerFrame): void;
  close(projectId: string, reason: Closed): void;
  /** The client ends: every store closes; joins that still wait, and later ones, are rejected with `error`. */
  closeAll(error: TaskwireError): void;
  /** The connection was lost. */
  lost(): void;
}

export function createProjects(options: ProjectsOptions): Projects {
  const { connection, following, rest, clock } = options;
  const all = new Map<string, Joined>();
  let ended: TaskwireError | undefined;

  const close = (id: string, reason: Closed): void => {
    const joined = all.get(id);
    if (!joined) return;
    all.delete(id);
    following.remove(projectRoom(id));
    joined.typing.clear();
    joined.input?.close(reason);
  };

  const leave = (id: string): void => {
    if (!all.has(id)) return;
    close(id, "left");
    // Without a connection there is nothing to leave.
    connection.request("leave_project", { project_id: id }).catch(() => {});
  };

  const show = (id: string, joined: Joined, state: ProjectState, position: Since): void => {
    if (joined.input) {
      joined.input.reset(state, position);
      return;
    }
    const { ready: _, input: __, ...parts } = joined;
    joined.input = createStore(id, state, position, {
      ...parts,
      rest,
      clock,
      random: options.random,
      leave: () => leave(id),
    });
    for (const write of options.waiting()) joined.input.show(write);
  };

  /** Where the room takes its events and its whole state from, and what it does with them. */
  const sourceOf = (id: string, joined: Joined): RoomSource => ({
    async snapshot() {
      const { state, position } = await loadProject(rest, id);
      return { position, use: () => show(id, joined, state, position) };
    },
    async page(since) {
      const answer = await connection.request("join_project", { project_id: id, since });
      joined.presence.replace(answer.presence);
      return answer;
    },
    apply(events) {
      joined.input?.apply(events);
      for (const event of events) options.emit(event);
      if (events.some(({ event }) => event === "project_deleted")) close(id, "deleted");
    },
  });

  const open = (id: string): Joined => {
    const typing = createTyping(clock, (task_id, is_typing) => {
      connection.request("user_typing", { project_id: id, task_id, is_typing }).catch(() => {});
    });
    const details = createDetails(options);
    const archive = createArchive({ ...options, projectId: id });
    const joined: Joined = {
      ready: createDeferred<ProjectStore>(),
      presence: createPresence(clock),
      typing,
      details,
      archive,
      input: undefined,
    };
    all.set(id, joined);
    const hooks = {
      joined() {
        details.retry();
        archive.retry();
        if (joined.input) joined.ready.resolve(joined.input.store);
      },
      gone(error: TaskwireError) {
        close(id, "unavailable");
        joined.ready.reject(error);
      },
    };
    const { random } = options;
    const create = (counted: FollowingRoomHooks) =>
      createRoom({ source: sourceOf(id, joined), clock, random, hooks: { ...counted, ...hooks } });
    following.add(projectRoom(id), create).resume();
    return joined;
  };

  return {
    join: async (id) => {
      if (ended) throw ended;
      return (all.get(id) ?? open(id)).ready.promise;
    },
    find: (id) => all.get(id)?.input?.store,
    inputs: () => [...all.values()].map(({ input }) => input).filter((input) => input !== undefined),
    hear(frame) {
      if (frame.room !== undefined) all.get(idOf(frame.room))?.input?.hear(frame);
    },
    close,
    closeAll(error) {
      ended = error;
      for (const [id, { ready }] of all) {
        close(id, "left");
        ready.reject(error);
      }
    },
    lost() {
      for (const { presence, typing } of all.values()) {
        presence.clear();
        typing.clear();
      }
    },
  };
}
