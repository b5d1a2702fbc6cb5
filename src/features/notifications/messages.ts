/** What is told to live connections and kept nowhere. */
import { actorText, type Ctx, transact } from "../../db/context.ts";
import { withMutation } from "../../db/mutation.ts";
import { AppError } from "../../protocol/errors.ts";
import type { Broadcast, DirectMessage, SentBroadcast } from "../../protocol/sending.ts";
import { encodeEphemeral } from "../../realtime/log.ts";
import type { Messenger } from "../../realtime/messenger.ts";

export interface MessageDeps {
  readonly messenger: Messenger;
  readonly nowMs: () => number;
}

/** Throws `not_found` where no server has the connection, `unavailable` where one did not say, `too_large`. */
export async function messageSession(
  caller: Ctx,
  sessionId: string,
  input: DirectMessage,
  deps: MessageDeps,
): Promise<void> {
  const ctx = withMutation(caller, "session_message", { ...input, session_id: sessionId });
  const { message, data = {} } = input;
  const frame = encode(ctx, "direct_message", { message, data }, deps);
  await once(ctx, async () => {
    const outcome = await deps.messenger.session(sessionId, frame);
    if (outcome === "sent") return null;
    if (outcome === "unknown") throw new AppError("unavailable", untold, { retryAfter: 2 });
    throw new AppError("not_found", "no live connection has this session_id; see GET /api/sessions");
  });
}

const untold = "a server that may have the connection did not answer: it is not known whether it was told";

/** Everybody who is connected, to whichever server. Answers how many connections that are. Throws `too_large`. */
export async function broadcastLive(caller: Ctx, input: Broadcast, deps: MessageDeps): Promise<SentBroadcast> {
  const ctx = withMutation(caller, "notification_broadcast", input);
  const { type, message, data = {} } = input;
  const frame = encode(ctx, "broadcast", { type, message, data }, deps);
  return once(ctx, async () => ({ sent: await deps.messenger.everyone(frame) }));
}

function encode(ctx: Ctx, event: "broadcast" | "direct_message", data: object, { messenger, nowMs }: MessageDeps) {
  const at = new Date(nowMs()).toISOString();
  const frame = encodeEphemeral(event, at, JSON.stringify(data), undefined, actorText(ctx.actor));
  if (messenger.fits(frame)) return frame;
  throw new AppError("too_large", "what is told to live connections alone is at most about 7 KB; send a notification");
}

/** A retry finds the answer of the first. Those that come together wait for each other at the caller's room. */
async function once<Answer>(ctx: Ctx, tell: () => Promise<Answer>): Promise<Answer> {
  if (!ctx.mutation) return tell();
  const { answer } = await transact<Answer>(ctx, {
    rooms: [ctx.actor.id],
    work: tell,
    replay: () => {
      throw new Error("telling live connections makes no event");
    },
  });
  return answer;
}
