/** The frames that concern the connection itself: who it is, what it hears, whether it lives, who is here. */
import type { Clock } from "../../core/clock.ts";
import type { Config } from "../../core/config.ts";
import type { Meter } from "../../core/meter.ts";
import { RawJson } from "../../core/raw-json.ts";
import type { Database } from "../../db/open.ts";
import { AppError, closeCodes } from "../../protocol/errors.ts";
import type { ClientFrameName, FrameAnswer, FrameData } from "../../protocol/frames.ts";
import { projectRoom, userRoom } from "../../protocol/rooms.ts";
import type { Connected } from "../../protocol/sessions.ts";
import { requireRole } from "../access.ts";
import { type JoinedRoom, joinProject, openUserRoom, pageText, resumeUser } from "../join.ts";
import type { Live } from "../live.ts";
import { encodeEphemeral } from "../log.ts";
import type { Presence } from "../presence.ts";
import { requireScope } from "../rights.ts";
import type { Typing } from "../typing.ts";
import type { Authenticator, Identity } from "./authenticator.ts";
import { endingOfForbidden, socketScope } from "./handshake.ts";
import type { Ending, Socket } from "./socket.ts";

export interface SessionFrameDeps {
  readonly config: Pick<Config, "webSocketPingIntervalSeconds" | "webSocketRoomsMax">;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly database: Database;
  readonly live: Live;
  readonly authenticator: Authenticator;
  readonly presence: Presence;
  readonly typing: Typing;
  /** The server's version, as `connected` tells it. */
  readonly version: string;
  /** Was the room of the sign-in's person told of its end a moment ago? */
  readonly endedLately: (sessionId: string) => boolean;
}

type Answer<Name extends ClientFrameName> = FrameAnswer<Name> | RawJson;

/** Like the features' handlers, but on the socket itself. */
export type SocketHandlers = {
  readonly [Name in ClientFrameName]?: (socket: Socket, data: FrameData<Name>) => Answer<Name> | Promise<Answer<Name>>;
};

export interface SessionFrames {
  readonly handlers: SocketHandlers;
  /**
   * Joins the room of an authenticated socket's person and sends `connected` (S4); `greet` is called right before that.
   * Throws `not_found` where the sign-in has ended.
   */
  open(socket: Socket, greet?: () => void): Promise<void>;
}

/** Told to renew a token that itself names no end. */
const never = "9999-12-31T23:59:59.999Z";

export function createSessionFrames(deps: SessionFrameDeps, looked: (socket: Socket) => void): SessionFrames {
  const { clock, meter, database, live, authenticator, presence, typing, config } = deps;
  const { hub, relay, access } = live;
  const rooms = { database, relay, hub };
  const nowText = (): string => new Date(clock.now()).toISOString();
  const find = (projectId: string) => database.guard(() => access.find(projectId));
  const projectOf = (taskId: string) => database.guard(() => access.projectOf(taskId));

  const connected = async (socket: Socket): Promise<Connected> => {
    const position = await database.guard(() => socket.hold(() => openUserRoom(rooms, socket)));
    socket.userSeq = position.seq;
    return describe(socket, { room: userRoom(socket.actor.id), ...position }, deps.version, config, nowText());
  };

  const open: SessionFrames["open"] = async (socket, greet) => {
    const data = await connected(socket);
    greet?.();
    meter.framesAnswered++;
    socket.send(encodeEphemeral("connected", data.server_time, JSON.stringify(data)));
    socket.connected = true;
    socket.goLive(relay);
    looked(socket);
  };

  const authenticate = async (socket: Socket, token: string): Promise<FrameAnswer<"authenticate">> => {
    const identity = await authenticator.fromToken(token).catch((error: unknown) => {
      socket.ending ??= endingOfForbidden(error);
      throw error;
    });
    // Its end may have been told while its token was looked at: nobody would tell it again.
    const sessionId = identity?.actor.sessionId;
    if (!identity || (sessionId && deps.endedLately(sessionId))) {
      socket.ending = { code: closeCodes.unauthenticated, reason: "the token is not valid" };
      throw new AppError("unauthenticated", "the token is not valid");
    }
    const present = socket.identity;
    if (present && present.actor.id !== identity.actor.id) {
      throw new AppError("forbidden", "the token is another person's; open a connection for them");
    }
    // What the connection has joined, it joined with the rights of the one it has now.
    if (present && present.actor.key?.id !== identity.actor.key?.id) {
      throw new AppError("forbidden", "the token is of another key, or of none; open a connection for it");
    }
    requireSocketScope(socket, identity);
    if (socket.isOpen()) await take(socket, identity, present);
    return { expires_at: identity.expiresAtMs === null ? never : new Date(identity.expiresAtMs).toISOString() };
  };

  const take = async (socket: Socket, identity: Identity, present: Identity | undefined): Promise<void> => {
    socket.identity = identity;
    socket.warned = false;
    if (present) return looked(socket);
    try {
      await open(socket);
    } catch (error) {
      socket.ending = endingOf(error);
      throw error;
    }
  };

  const countJoin = (page: JoinedRoom, positioned: boolean): void => {
    meter.eventsReplayed += page.frames.length;
    if (!page.more) meter.joins[!positioned ? "fresh" : page.recovered ? "recovered" : "unrecovered"]++;
  };

  const requireRoomLeft = (socket: Socket, room: ReturnType<typeof projectRoom>): void => {
    const max = config.webSocketRoomsMax;
    // The person's own room does not count.
    if (hub.hears(socket, room) || socket.rooms.length - 1 < max) return;
    throw new AppError("rate_limited", `a connection hears at most ${max} projects; leave one first`);
  };

  const handlers: SocketHandlers = {
    authenticate: (socket, { token }) => authenticate(socket, token),
    async register(socket, { user_id }) {
      if (user_id !== undefined && user_id.toLowerCase() !== socket.actor.id) {
        throw new AppError("forbidden", "the identity of a connection is its token's");
      }
      return connected(socket);
    },
    async join_project(socket, { project_id, since }) {
      const room = projectRoom(project_id);
      requireRoomLeft(socket, room);
      const page = await database.guard(() =>
        socket.hold(() => joinProject(rooms, socket, project_id, since ?? undefined)),
      );
      if (hub.hears(socket, room)) presence.joined(socket, room);
      countJoin(page, Boolean(since));
      return new RawJson(pageText(page, `"presence":${presence.listText(room)},`));
    },
    leave_project(socket, { project_id }) {
      hub.leave(socket, projectRoom(project_id));
      return {};
    },
    async resume_user(socket, { since }) {
      const page = await database.guard(() => resumeUser(rooms, socket, since, socket.userSeq));
      if (!socket.resumed) meter.reconnects++;
      socket.resumed = true;
      countJoin(page, true);
      return new RawJson(pageText(page));
    },
    async user_typing(socket, { project_id, task_id, is_typing }) {
      if (!hub.hears(socket, projectRoom(project_id))) {
        const errors = [{ path: "project_id", message: "is not a project this connection joined" }];
        throw new AppError("invalid", "join the project first", { errors });
      }
      requireRole(access.peek(project_id) ?? (await find(project_id)), socket.actor.id, "member");
      const owner = access.peekProjectOf(task_id) ?? (await projectOf(task_id));
      if (owner !== project_id) throw new AppError("not_found", "there is no such task in this project");
      // It may have left while the above was read.
      if (hub.hears(socket, projectRoom(project_id))) typing.set(socket, project_id, task_id, is_typing);
      return {};
    },
    async presence_update(socket, { status, task_id }) {
      const projectId = task_id && (access.peekProjectOf(task_id) ?? (await projectOf(task_id)));
      // A task that is nobody's, or of a project the person does not hear, is shown to nobody; the answer is the same.
      presence.declare(socket, { status, task: task_id && projectId ? { id: task_id, projectId } : undefined });
      return {};
    },
    ping: () => ({ server_time: nowText() }),
  };
  return { handlers, open };
}

function requireSocketScope(socket: Socket, identity: Identity): void {
  try {
    requireScope(identity.actor, socketScope);
  } catch (error) {
    socket.ending ??= endingOfForbidden(error);
    throw error;
  }
}

/** How a socket is closed whose opening failed. */
export const endingOf = (error: unknown): Ending =>
  error instanceof AppError && error.code === "not_found"
    ? { code: closeCodes.unauthenticated, reason: "the sign-in has ended" }
    : { code: closeCodes.restart, reason: "not available now: come back" };

function describe(
  socket: Socket,
  position: Connected["user_room"],
  version: string,
  config: SessionFrameDeps["config"],
  serverTime: string,
): Connected {
  const { actor } = socket;
  return {
    session_id: socket.id,
    user: {
      id: actor.id,
      name: actor.name,
      ...(actor.email !== null && { email: actor.email }),
      avatar_url: actor.avatarUrl,
      role: actor.role,
      time_zone: actor.timeZone,
      locale: actor.locale,
    },
    server_time: serverTime,
    version,
    protocol: socket.protocol,
    heartbeat_seconds: config.webSocketPingIntervalSeconds,
    user_room: position,
  };
}
