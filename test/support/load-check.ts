/** At rest: do the answers, the log, the tables and every reader tell the same story? */
import { api, type EventFrame } from "./contract-client.ts";
import { apply, differences, digest, emptyState, hashState, type RoomState } from "./fold.ts";
import { type Reader, readState } from "./load-reader.ts";
import type { Ack, Ledger } from "./load-writer.ts";

/** Anything but zero in these fails a test. */
export interface Faults {
  /** Acknowledged, and not in the log. */
  lost: number;
  /** One mutation applied more than once, or one event delivered twice. */
  duplicate: number;
  /** A number missing from a log or from what a reader heard. */
  gap: number;
  outOfOrder: number;
  /** States, frames or answers that differ from the log. */
  diverged: number;
}

export interface Verdict extends Faults {
  /** The first of what went wrong, in words. */
  readonly problems: string[];
}

interface Server {
  readonly url: string;
  readonly token: string;
}

interface Logged {
  readonly frames: readonly EventFrame[];
  /** Digest of the whole frame, and of the task or comment in it, by number. */
  readonly digests: ReadonlyMap<number, string>;
  readonly resources: ReadonlyMap<number, string>;
  readonly byMutation: ReadonlyMap<string | undefined, readonly EventFrame[]>;
  readonly state: RoomState;
}

const seqOf = (frame: EventFrame): number => frame.seq ?? Number.NaN;

/** The whole log of a project, from its beginning. */
export async function readLog(server: Server, projectId: string): Promise<EventFrame[]> {
  const frames: EventFrame[] = [];
  for (;;) {
    const since = frames.at(-1)?.seq ?? 0;
    const page: { items: EventFrame[] } = await api(
      server,
      "GET",
      `/api/projects/${projectId}/events?since=${since}&limit=200`,
    );
    if (page.items.length === 0) return frames;
    frames.push(...page.items);
  }
}

function digestLog(frames: readonly EventFrame[]): Logged {
  const state = emptyState();
  for (const frame of frames) apply(state, frame);
  return {
    frames,
    digests: new Map(frames.map((frame) => [seqOf(frame), digest(frame)])),
    resources: new Map(frames.map((frame) => [seqOf(frame), digest(frame.data.comment ?? frame.data.task)])),
    byMutation: Map.groupBy(frames, ({ mutation_id }) => mutation_id),
    state,
  };
}

/** Compares everything about one project. Call it when nothing writes any more and every reader has caught up. */
export async function checkProject(
  server: Server,
  projectId: string,
  ledger: Ledger,
  readers: readonly Reader[],
): Promise<Verdict> {
  const verdict: Verdict = { lost: 0, duplicate: 0, gap: 0, outOfOrder: 0, diverged: 0, problems: [] };
  const log = digestLog(await readLog(server, projectId));
  checkNumbers(log, verdict);
  const concerned = ({ projectId: id }: Ack) => id === projectId;
  const known = new Set(log.resources.values());
  for (const ack of [...ledger.acks, ...ledger.dropped].filter(concerned)) checkAck(ack, log, known, verdict);
  for (const { mutationId, code } of ledger.refused)
    if (log.byMutation.has(mutationId))
      fault(verdict, "diverged", `${mutationId} was refused (${code}) and is in the log`);
  const tables = await readState(server, projectId);
  if (tables.seq !== log.frames.length)
    fault(verdict, "diverged", `snapshot at ${tables.seq}, log ${log.frames.length}`);
  compare("the tables", tables, log.state, verdict);
  for (const reader of readers) checkReader(reader, projectId, log, verdict);
  return verdict;
}

function fault(verdict: Verdict, kind: keyof Faults, problem: string): void {
  verdict[kind]++;
  if (verdict.problems.length < 10) verdict.problems.push(`${kind}: ${problem}`);
}

/** 1, 2, 3 …; the events of one mutation stand together and tell of different aspects. */
function checkNumbers({ frames, byMutation }: Logged, verdict: Verdict): void {
  for (const [i, frame] of frames.entries())
    if (frame.seq !== i + 1) fault(verdict, "gap", `the log has ${frame.seq} where ${i + 1} is due`);
  for (const [mutationId, events] of byMutation) {
    if (mutationId === undefined) continue;
    const together = events.every((event, i) => i === 0 || seqOf(event) === seqOf(events[i - 1] ?? event) + 1);
    const aspects = new Set(events.map(({ event }) => event)).size;
    if (!together || aspects < events.length)
      fault(
        verdict,
        "duplicate",
        `${mutationId} is in the log as ${events.map(({ event, seq }) => `${event} ${seq}`)}`,
      );
  }
}

function checkAck(ack: Ack, log: Logged, known: ReadonlySet<string>, verdict: Verdict): void {
  const last = log.byMutation.get(ack.mutationId)?.at(-1);
  if (last) {
    if (last.seq !== ack.seq)
      fault(verdict, "diverged", `${ack.mutationId} was answered ${ack.seq}, the log has ${last.seq}`);
    if (log.resources.get(seqOf(last)) !== ack.resource)
      fault(verdict, "diverged", `the answer to ${ack.mutationId} differs from its event ${last.seq}`);
  } else if (!ack.mayChangeNothing || !known.has(ack.resource)) {
    // What changed nothing is answered with the task as one of the events left it.
    fault(verdict, "lost", `${ack.verb} ${ack.mutationId} was acknowledged with ${ack.seq} and is not in the log`);
  }
}

function checkReader(reader: Reader, projectId: string, log: Logged, verdict: Verdict): void {
  const room = reader.followed(projectId);
  if (!room) {
    fault(verdict, "diverged", `${reader.name} never joined`);
    return;
  }
  compare(reader.name, room.state, log.state, verdict);
  for (const [seq, heard] of room.frames)
    if (heard !== log.digests.get(seq))
      fault(verdict, "diverged", `${reader.name} heard another ${seq} than the log has`);
}

function compare(name: string, state: RoomState, log: RoomState, verdict: Verdict): void {
  if (state.seq === log.seq && hashState(state) === hashState(log)) return;
  fault(verdict, "diverged", `${name} at ${state.seq}, log ${log.seq}: ${differences(state, log).join("\n")}`);
}
