/** A reader under faults: follows rooms, loses its connection, comes back and resumes, as the contract tells (S5). */
import {
  api,
  type Client,
  type Comment,
  ConnectionLost,
  type EventFrame,
  openClient,
  Refused,
  type RoomAnswer,
  type Snapshot,
} from "./contract-client.ts";
import { apply, digest, emptyState, type RoomState, stateOf } from "./fold.ts";
import type { Random } from "./random.ts";

export interface ReaderOptions {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly projectIds: readonly string[];
  readonly random: Random;
  /** How the first state is had: a snapshot, or the log from its beginning. */
  readonly begin: "snapshot" | "log";
  /** Cuts its own connection now and then. */
  readonly flaps: boolean;
  readonly quietMs?: number | undefined;
}

/** What one reader holds of one room. */
export interface Followed {
  state: RoomState;
  epoch: string;
  /** Of the snapshot it began with: events up to it are held already, whenever they come (S5). */
  snapshotSeq: number;
  /** Digest of every frame it applied, by its number. */
  readonly frames: Map<number, string>;
  /** Are live events its own now? */
  live: boolean;
  /** Live events that wait for a snapshot. */
  held: EventFrame[] | undefined;
}

export interface ReaderFaults {
  gap: number;
  duplicate: number;
  outOfOrder: number;
  /** The server said it cannot resume though it can. */
  unrecovered: number;
}

export interface Reader {
  readonly name: string;
  readonly faults: ReaderFaults;
  /** The first of them, in words. */
  readonly problems: readonly string[];
  /** From the beginning of the connection that worked to the last page, in ms. */
  readonly resumesMs: number[];
  followed(projectId: string): Followed | undefined;
  /** Settles once everything up to `seq` was applied. */
  reached(projectId: string, seq: number): Promise<void>;
  stop(): void;
}

export function startReader(options: ReaderOptions): Reader {
  const { random } = options;
  const rooms = new Map<string, Followed>();
  const faults: ReaderFaults = { gap: 0, duplicate: 0, outOfOrder: 0, unrecovered: 0 };
  const problems: string[] = [];
  const fault = (kind: keyof ReaderFaults, what: string): void => {
    faults[kind]++;
    if (problems.length < 5) problems.push(`${options.name}: ${kind}: ${what}`);
  };
  const resumesMs: number[] = [];
  const waiters = new Set<() => void>();
  let stopped = false;
  let client: Client | undefined;
  let untilFlap = 0;

  const take = (room: Followed, frame: EventFrame): void => {
    const { seq = 0 } = frame;
    if (seq <= room.snapshotSeq && !room.frames.has(seq)) return;
    if (seq <= room.state.seq) {
      const what = `${frame.event} ${seq} came at ${room.state.seq}, ${whence(room)}`;
      fault(room.frames.has(seq) ? "duplicate" : "outOfOrder", what);
      return;
    }
    if (seq > room.state.seq + 1) fault("gap", `${frame.event} ${seq} came at ${room.state.seq}, ${whence(room)}`);
    apply(room.state, frame);
    room.frames.set(seq, digest(frame));
  };
  const onEvent = (frame: EventFrame): void => {
    const room = frame.room === undefined ? undefined : rooms.get(frame.room.slice("project:".length));
    if (!room || frame.seq === undefined) return;
    if (room.held) room.held.push(frame);
    else if (room.live) take(room, frame);
    else fault("outOfOrder", `${frame.event} ${frame.seq} came before the answer that begins it`);
    for (const look of waiters) look();
    if (options.flaps && --untilFlap === 0) client?.close(random.chance(0.7));
  };

  /** Takes the pages after what is held until it is live. */
  const resume = async (opened: Client, projectId: string, room: Followed): Promise<void> => {
    for (let more = true; more; ) {
      const since = { epoch: room.epoch, seq: room.state.seq };
      const page = await opened.request("join_project", { project_id: projectId, since }, (answer) => {
        more = answer.more;
        if (!answer.recovered) return;
        for (const event of answer.events) take(room, event);
        if (room.state.seq !== answer.seq) fault("gap", `a page to ${answer.seq} ends at ${room.state.seq}`);
        room.live = !answer.more;
      });
      if (!page.recovered) {
        fault("unrecovered", `at ${since.seq} of ${page.seq}`);
        await begin(opened, projectId);
        return;
      }
    }
  };
  /** Joins without a position: live at once, the state before it from a snapshot or from the log. */
  const begin = async (opened: Client, projectId: string): Promise<void> => {
    const made = ({ epoch }: RoomAnswer): Followed => ({
      state: emptyState(),
      epoch,
      frames: new Map(),
      snapshotSeq: 0,
      live: false,
      held: [],
    });
    await opened.request("join_project", { project_id: projectId }, (answer) => rooms.set(projectId, made(answer)));
    const room = rooms.get(projectId);
    if (!room) return;
    if (options.begin === "log") {
      await opened.request("leave_project", { project_id: projectId }, () => {
        room.held = undefined; // from here on nothing of the room may come
      });
      await resume(opened, projectId, room);
      return;
    }
    room.state = await readState(options, projectId);
    room.snapshotSeq = room.state.seq;
    room.live = true;
    const { held = [] } = room;
    room.held = undefined;
    for (const frame of held) take(room, frame);
  };
  const connect = async (): Promise<void> => {
    const startedAt = performance.now();
    const opened = await openClient({ ...options, onEvent });
    client = opened;
    if (stopped) opened.close();
    const known = [...rooms.values()].some(({ held }) => held === undefined);
    for (const projectId of options.projectIds) {
      const room = rooms.get(projectId);
      if (room && !room.held) await resume(opened, projectId, room);
      else await begin(opened, projectId);
    }
    if (known) resumesMs.push(performance.now() - startedAt);
    untilFlap = 20 + random.int(200);
    for (const look of waiters) look();
    await opened.closed;
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      await connect().catch((error: unknown) => {
        const passing = error instanceof Refused && error.error.code === "unavailable";
        if (!(error instanceof ConnectionLost || passing)) throw error;
        client?.close(true);
      });
      for (const room of rooms.values()) room.live = false;
      if (!stopped) await Bun.sleep(random.int(60)); // jitter (S9)
    }
  };
  const running = run();
  return {
    name: options.name,
    faults,
    problems,
    resumesMs,
    followed: (projectId) => rooms.get(projectId),
    reached: (projectId, seq) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const room = rooms.get(projectId);
          if (!room?.live || room.state.seq < seq) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        running.catch(reject);
        look();
      }),
    stop() {
      stopped = true;
      client?.close();
    },
  };
}

const whence = ({ live }: Followed): string => (live ? "live" : "in a page");

/** A project's state over REST, the comments included. */
export async function readState(server: { url: string; token: string }, projectId: string): Promise<RoomState> {
  const snapshot = await api<Snapshot>(server, "GET", `/api/projects/${projectId}/snapshot`);
  const comments = await Promise.all(snapshot.tasks.map((task) => readComments(server, task.id)));
  return stateOf(snapshot, comments.flat());
}

interface CommentList {
  readonly items: readonly Comment[];
  readonly next_cursor: string | null;
}

/** Of a task that is deleted meanwhile: none. */
async function readComments(server: { url: string; token: string }, taskId: string): Promise<Comment[]> {
  const comments: Comment[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    try {
      const page: CommentList = await api(server, "GET", `/api/tasks/${taskId}/comments?limit=200${query}`);
      comments.push(...page.items);
      cursor = page.next_cursor;
    } catch (error) {
      if (error instanceof Refused && error.error.code === "not_found") return [];
      throw error;
    }
  }
  return comments;
}
