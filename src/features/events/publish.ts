/** Events of applications: carried to a project's room, kept in its log or only told to those who are there. */
import { actorText, type CommittedEvent, type Tx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import type { CustomEvent, PublishEvents } from "../../protocol/custom-events.ts";
import { AppError } from "../../protocol/errors.ts";
import { projectRoom, type RoomName } from "../../protocol/rooms.ts";
import { requireRole, roleAtLeast } from "../../realtime/access.ts";
import type { LiveCtx } from "../../realtime/live.ts";
import { emitCustom, encodeEphemeral } from "../../realtime/log.ts";
import { decide, getRole, requireRevision } from "../projects/permission.ts";

export interface PublishDeps {
  /** An ephemeral frame to everyone who hears the room, on every node. */
  readonly cast: (room: RoomName, frame: string) => void;
  readonly nowMs: () => number;
}

/** `seq` of a durable event. */
interface Published {
  readonly event: string;
  readonly seq?: number;
}

/**
 * Publishes events in their order: the durable ones in one transaction, then the others to those connected. Takes the role
 * member. Throws `not_found`, `forbidden`.
 */
export async function publishEvents(
  caller: LiveCtx,
  projectId: string,
  input: PublishEvents,
  deps: PublishDeps,
): Promise<{ readonly events: readonly Published[] }> {
  const ctx = withMutation(caller, "publish_events", { project_id: projectId, ...input });
  const durable = input.events.filter((event) => event.durable);
  if (durable.length === 0 && !ctx.mutation) {
    // Nothing is written: no statement would guard what is remembered of roles, so the database is asked.
    await requireMember(ctx, projectId);
    tell(ctx, projectId, input.events, deps);
    return { events: numbered(input.events, []) };
  }
  const { events, replayed } = await write(ctx, projectId, durable);
  if (!replayed) tell(ctx, projectId, input.events, deps);
  return { events: numbered(input.events, events) };
}

async function requireMember(ctx: LiveCtx, projectId: string): Promise<void> {
  const role = await getRole(ctx, projectId);
  if (!roleAtLeast(role, "member"))
    throw new AppError("forbidden", `this takes the role member in the project; yours is ${role}`);
}

const write = (ctx: LiveCtx, projectId: string, events: readonly CustomEvent[]) =>
  decide(ctx, projectId, async (access) => {
    requireRole(access, ctx.actor.id, "member");
    return transact(ctx, {
      rooms: [projectId],
      async work(tx: Tx) {
        await requireRevision(tx, access);
        for (const { event, data } of events) emitCustom(tx, event, projectId, data);
        return null;
      },
      replay: () => null,
    });
  });

function tell(ctx: LiveCtx, projectId: string, events: readonly CustomEvent[], { cast, nowMs }: PublishDeps): void {
  const room = projectRoom(projectId);
  const at = new Date(nowMs()).toISOString();
  for (const { event, data, durable } of events) {
    if (!durable) cast(room, encodeEphemeral(event, at, JSON.stringify(data), room, actorText(ctx.actor)));
  }
}

/** The events as asked for, the durable ones with the numbers that they (or, in a retry, their first ones) got. */
function numbered(asked: readonly CustomEvent[], committed: readonly CommittedEvent[]): Published[] {
  const numbers = committed.map(({ seq }) => seq).values();
  return asked.map(({ event, durable }) => {
    const seq = durable ? numbers.next().value : undefined;
    return seq === undefined ? { event } : { event, seq };
  });
}
