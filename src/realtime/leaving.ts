/**
 * `project_left` in a person's own room: they hear nothing of the project behind it (S10). That room may be ahead of the
 * project's, of which another node's last events are still to be read.
 */
import type { CommittedEvent } from "../db/context.ts";
import type { Database } from "../db/open.ts";
import type { EventData } from "../protocol/catalogue.ts";
import { closeCodes } from "../protocol/errors.ts";
import { projectRoom } from "../protocol/rooms.ts";
import type { Live } from "./live.ts";
import { encodeFrame, readSince } from "./log.ts";
import type { Connection } from "./transport/transport.ts";

/** The last events of a project that was deleted, which another node's deletion left unread here. Few. */
const lastEventsMax = 500;

const isRemovalOf = ({ event, data }: CommittedEvent, userId: string): boolean =>
  event === "member_removed" && data.includes(userId);

/**
 * Answers what to do before `project_left` is published: the person's connections leave the project's room, unless they were
 * seen to already. Then it is looked whether there still is a project, and whether the person is a member again:
 * of a project that was deleted they hear the rest, `project_deleted` last; as a member again they may have joined anew, so
 * their connections are closed and resume without a hole. (A deleted project keeps its members, and nobody joins it.)
 */
export function createLeaving(
  database: Database,
  { relay, hub, access }: Pick<Live, "relay" | "hub" | "access">,
): (left: CommittedEvent) => void {
  const resume = (connections: readonly Connection[]): void => {
    for (const connection of connections) connection.close(closeCodes.slowConsumer, "joined again: resume");
  };

  const settle = async (
    connections: readonly Connection[],
    projectId: string,
    userId: string,
    heard: number,
  ): Promise<void> => {
    access.forget(projectId);
    const project = await database.guard(() => access.find(projectId));
    if (!project?.roles.has(userId)) return;
    const rest = project.deleted
      ? await database.guard(() => readSince(database, projectId, heard, lastEventsMax))
      : undefined;
    const whole = rest?.events.at(-1)?.event === "project_deleted";
    // Removed, a member again, and then it was deleted: what lies between was not theirs.
    if (!whole || rest.events.some((event) => isRemovalOf(event, userId))) return resume(connections);
    const frames = rest.events.map(encodeFrame);
    for (const connection of connections) for (const frame of frames) connection.send(frame);
  };

  return (event) => {
    const { project_id }: EventData<"project_left"> = JSON.parse(event.data);
    const room = projectRoom(project_id);
    const heard = relay.delivered(room);
    // What stands before it is heard before it; a deletion that was read closes the room.
    if (heard === undefined || !relay.recent(room, heard)) return;
    // Of one transaction, so of one moment: the removal was heard of here, and who hears the room joined after it.
    const removed = relay.remembers(room, (other) => other.at === event.at && isRemovalOf(other, event.roomId));
    const left = removed ? [] : hub.evict(room, event.roomId);
    if (left.length > 0) settle(left, project_id, event.roomId, heard).catch(() => resume(left)); // not known
  };
}
